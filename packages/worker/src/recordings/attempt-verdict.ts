import type { FailedAttempt } from "@call-ledger/db/jobs";
import { uploadRetry } from "@call-ledger/domain";
import type { RecordingFault } from "@call-ledger/storage";

/**
 * The sources of a recording: the presigned URL of a report, the provider's API with a key, the URL that identifies the
 * recording.
 */
export type SourceName = "presigned URL" | "API" | "plain URL";

/** The fault of one source in an attempt. */
export type SourceFault = { readonly source: SourceName; readonly fault: RecordingFault };

export type FailedSources = {
  /** The number of attempts, including this one. */
  readonly attempts: number;
  readonly failedAt: number;
  readonly deadline: number | null;
  /** One fault for each tried source. Empty: no source was left. */
  readonly faults: readonly SourceFault[];
  /** What a person can do so that the provider's API becomes a source too; `null`: it was one. */
  readonly remedy: string | null;
  readonly providerAccountId: string;
  /** The host for which the job has waited. */
  readonly waitedForHost: string | null;
};

/**
 * A report may name a recording before it is available. With the domain's delays, five attempts take more than a
 * minute.
 */
const ATTEMPTS_WHILE_MISSING = 5;
/**
 * The worker looks immediately when it starts and when an account changes. This interval is for a process with older
 * settings.
 */
const LOOK_AGAIN_MS = 600_000;

/**
 * Returns the state of a job after a failed attempt, with the reason for a person. `chance` is a random number in [0,
 * 1).
 */
export function attemptVerdict(failed: FailedSources, chance: number): FailedAttempt {
  const { attempts, failedAt, deadline, faults } = failed;
  const kinds = faults.map(({ fault }) => fault);
  const reason = reasonOf(failed);
  const gaveUp = (verdict: "failed" | "expired") => ({ verdict, reason, deadline });

  const isMissing = kinds.some(({ status }) => status === 404) && attempts < ATTEMPTS_WHILE_MISSING;
  const mayPass = isMissing || kinds.some(({ kind }) => kind === "passing" || kind === "storage");
  let ranOut = false;
  if (mayPass) {
    const waits = kinds.flatMap(({ retryAfterMs }) => (retryAfterMs === null ? [] : [retryAfterMs]));
    const retryAfterMs = waits.length === 0 ? null : Math.max(...waits);
    const retry = uploadRetry({ attempts, failedAt, deadline, retryAfterMs }, chance);
    if ("retryAt" in retry) return { verdict: retry, reason, deadline };
    ranOut = retry.giveUp === "deadline";
  }
  const waitsForHost = kinds.find(({ host }) => host !== null)?.host ?? null;
  if (waitsForHost !== null && !ranOut) {
    if (deadline !== null && deadline <= failedAt) return gaveUp("expired");
    const retryAt = Math.min(failedAt + LOOK_AGAIN_MS, deadline ?? Number.POSITIVE_INFINITY);
    return { verdict: { retryAt, waitsForHost }, reason, deadline };
  }
  return gaveUp(ranOut || faults.every(isGone) ? "expired" : "failed");
}

/** Returns whether a source says that it no longer has the recording. An API that refuses its key may still have it. */
function isGone({ source, fault: { kind, status } }: SourceFault): boolean {
  return kind === "gone" && status !== 404 && !(source === "API" && (status === 401 || status === 403));
}

function reasonOf({ faults, remedy, providerAccountId, waitedForHost }: FailedSources): string {
  const hosts = new Set(faults.flatMap(({ fault: { host } }) => host ?? []));
  const parts = faults.map(({ source, fault }) => `${source}: ${fault.reason}`);
  if (faults.length === 0) parts.push("no source is left: no URL was named, or it has expired");
  if (faults.length === 0 && waitedForHost !== null) {
    parts.push(`the host ${waitedForHost} was not allowed in time`);
  }
  if (hosts.size > 0) {
    parts.push(`allow it: ops account set ${providerAccountId} --recording-host ${[...hosts].join(",")}`);
  }
  const isSaved = faults.some(({ fault: { kind } }) => kind === "passing" || kind === "storage");
  if (remedy !== null && !isSaved && hosts.size === 0) {
    parts.push(`no API key is set, with which the provider's API would be asked: ${remedy}`);
  }
  return parts.join("; ");
}
