import type { ClaimedRecording } from "@call-ledger/db/jobs";
import type { RecordingApi } from "@call-ledger/providers";
import { RecordingFault } from "@call-ledger/storage";
import type { FetchRequest } from "../egress/guarded-fetch.ts";
import type { SourceFault, SourceName } from "./attempt-verdict.ts";

/** A provider's API as one account may use it. */
export type ApiAccess = {
  readonly api: RecordingApi;
  /** Where recordings may be fetched from: the provider's hosts and its API. */
  readonly hosts: readonly string[];
  /** `null`: no key is set for this account; a fault: there is one that cannot be used. */
  readonly credential: { readonly baseUrl: string; readonly apiKey: string } | RecordingFault | null;
  /** What a person does to set the key. */
  readonly remedy: string;
};

/** Where a recording can be asked for, in words for a person and as a request. */
type Source = { readonly name: SourceName; readonly request: FetchRequest };

export type Sources = {
  /** In the order in which they are tried; empty: there is nothing left to try. */
  readonly sources: readonly Source[];
  /** Those that would be tried if they could be, and why they cannot. */
  readonly unusable: readonly SourceFault[];
  /** What a person can do so that the provider's API is among them; `null`: it is, or cannot be. */
  readonly remedy: string | null;
  /** When the provider's copy is gone for us, milliseconds since 1970; `null`: not known. */
  readonly deadline: number | null;
};

/** A URL that ends while it is fetched is not worth the try. */
const FRESH_MS = 5_000;

/**
 * The presigned URL while it is fresh, then the provider's API; without a key for that the plain URL, which works
 * where a bucket is public.
 */
export function sourcesOf(job: ClaimedRecording, access: ApiAccess | null, now: number): Sources {
  const sources: Source[] = [];
  const { sourceUrl, sourceExpiresAt, recordingUrl } = job;
  const hosts = [...(access?.hosts ?? []), ...job.accountHosts];
  const from = (url: string): FetchRequest => ({ url, headers: {}, hosts, isApi: false });
  const isFresh = sourceExpiresAt === null || sourceExpiresAt - now > FRESH_MS;
  if (sourceUrl !== null && isFresh) sources.push({ name: "presigned URL", request: from(sourceUrl) });
  const credential = access?.credential ?? null;
  const unusable: SourceFault[] =
    credential instanceof RecordingFault ? [{ source: "API", fault: credential }] : [];
  if (access !== null && credential !== null && !(credential instanceof RecordingFault)) {
    const request = { ...access.api.requestOf(credential, job), hosts, isApi: true };
    sources.push({ name: "API", request });
  } else if (recordingUrl !== null && recordingUrl !== sourceUrl) {
    sources.push({ name: "plain URL", request: from(recordingUrl) });
  }
  const remedy = access !== null && credential === null ? access.remedy : null;
  return { sources, unusable, remedy, deadline: deadlineOf(job, access) };
}

function deadlineOf(
  { sourceUrl, sourceExpiresAt, callEndedAt, queuedAt }: ClaimedRecording,
  access: ApiAccess | null,
): number | null {
  const retained = access === null ? null : (callEndedAt ?? queuedAt) + access.api.retentionMs;
  const onlyPresigned = access?.credential === null || access === null;
  return onlyPresigned && sourceUrl !== null && sourceExpiresAt !== null ? sourceExpiresAt : retained;
}
