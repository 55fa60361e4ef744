import type { ClaimedRecording } from "@call-ledger/db/jobs";
import type { RecordingApi } from "@call-ledger/providers";
import { RecordingFault } from "@call-ledger/storage";
import type { FetchRequest } from "../egress/guarded-fetch.ts";
import type { SourceFault } from "./attempt-verdict.ts";

/** A provider's API as one account may use it. */
export type ApiAccess = {
  readonly api: RecordingApi;
  /** `null`: no key is set for this account; a fault: there is one that cannot be used. */
  readonly credential: { readonly baseUrl: string; readonly apiKey: string } | RecordingFault | null;
};

/** Where a recording can be asked for, in words for a person and as a request. */
type Source = { readonly name: string; readonly request: FetchRequest };

export type Sources = {
  /** In the order in which they are tried; empty: there is nothing left to try. */
  readonly sources: readonly Source[];
  /** Those that would be tried if they could be, and why they cannot. */
  readonly unusable: readonly SourceFault[];
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
  const isFresh = sourceExpiresAt === null || sourceExpiresAt - now > FRESH_MS;
  if (sourceUrl !== null && isFresh) {
    sources.push({ name: "presigned URL", request: { url: sourceUrl, headers: {} } });
  }
  const credential = access?.credential ?? null;
  const unusable = credential instanceof RecordingFault ? [{ source: "API", fault: credential }] : [];
  if (access !== null && credential !== null && !(credential instanceof RecordingFault)) {
    sources.push({ name: "API", request: access.api.requestOf(credential, job) });
  } else if (recordingUrl !== null && recordingUrl !== sourceUrl) {
    sources.push({ name: "plain URL", request: { url: recordingUrl, headers: {} } });
  }
  return { sources, unusable, deadline: deadlineOf(job, access) };
}

function deadlineOf(
  { sourceUrl, sourceExpiresAt, callEndedAt, queuedAt }: ClaimedRecording,
  access: ApiAccess | null,
): number | null {
  const retained = access === null ? null : (callEndedAt ?? queuedAt) + access.api.retentionMs;
  const onlyPresigned = access?.credential === null || access === null;
  return onlyPresigned && sourceUrl !== null && sourceExpiresAt !== null ? sourceExpiresAt : retained;
}
