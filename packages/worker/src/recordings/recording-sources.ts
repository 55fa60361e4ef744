import type { ClaimedRecording } from "@call-ledger/db/jobs";
import type { RecordingApi } from "@call-ledger/providers";
import { EgressFault } from "../egress/egress-fault.ts";
import type { FetchRequest } from "../egress/guarded-fetch.ts";
import type { SourceFault, SourceName } from "./attempt-verdict.ts";

/** A provider's API with the access of one account. */
export type ApiAccess = {
  readonly api: RecordingApi;
  /** The hosts from which recordings may be fetched: the provider's hosts and its API. */
  readonly hosts: readonly string[];
  /** `null`: no key is set for this account. A fault: the key cannot be used. */
  readonly credential: { readonly baseUrl: string; readonly apiKey: string } | EgressFault | null;
  /** What a person has to do to set the key. */
  readonly remedy: string;
};

/** A source of a recording: its name for people, and the request. */
type Source = {
  readonly name: SourceName;
  readonly request: FetchRequest;
  /** Tried only if the provider's API redirected to a link that did not send the recording. */
  readonly isLastResort?: boolean;
};

export type Sources = {
  /** The sources in the order of attempts. Empty: no source is left. */
  readonly sources: readonly Source[];
  /** Sources that cannot be used, with the reasons. */
  readonly unusable: readonly SourceFault[];
  /**
   * What a person can do so that the provider's API is among the sources; `null`: it is one already, or cannot be one.
   */
  readonly remedy: string | null;
  /** When the provider deletes its copy, in milliseconds since 1970; `null` if unknown. */
  readonly deadline: number | null;
};

/** A URL that expires sooner than this is not tried. */
const FRESH_MS = 5_000;

/**
 * Returns the presigned URL while it is fresh, then the provider's API, then the plain URL, which works if the bucket
 * is public. With a key for the API the plain URL is the last resort.
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
    credential instanceof EgressFault ? [{ source: "API", fault: credential }] : [];
  if (access !== null && credential !== null && !(credential instanceof EgressFault)) {
    const request = { ...access.api.requestOf(credential, job), hosts, isApi: true };
    sources.push({ name: "API", request });
  }
  if (recordingUrl !== null && recordingUrl !== sourceUrl) {
    const isLastResort = sources.at(-1)?.name === "API";
    sources.push({ name: "plain URL", request: from(recordingUrl), ...(isLastResort && { isLastResort }) });
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
