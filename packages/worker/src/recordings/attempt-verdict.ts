import type { FailedAttempt } from "@call-ledger/db/jobs";
import { uploadRetry } from "@call-ledger/domain";
import { StorageFault } from "@call-ledger/storage";
import { EgressFault } from "../egress/egress-fault.ts";

/**
 * The sources of a recording: the presigned URL of a report, the provider's API with a key, the URL that identifies the
 * recording.
 */
export type SourceName = "presigned URL" | "API" | "plain URL";

/** Why an attempt stored nothing from one source: the fault of the source, or that of our storage. */
export type SourceFault = {
  readonly source: SourceName;
  readonly fault: EgressFault | StorageFault;
};

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
  /** The URLs that a report has named. `null`: it named none that can be fetched. */
  readonly sourceUrl: string | null;
  readonly recordingUrl: string | null;
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
  const refusals = faults.flatMap(({ fault }) => (fault instanceof EgressFault ? [fault] : []));
  const reason = reasonOf(failed);
  const gaveUp = (verdict: "failed" | "expired") => ({ verdict, reason, deadline });

  const isMissing = refusals.some(({ status }) => status === 404) && attempts < ATTEMPTS_WHILE_MISSING;
  const mayPass = isMissing || faults.some(isPassing);
  let ranOut = false;
  if (mayPass) {
    const waits = refusals.flatMap(({ retryAfterMs }) => (retryAfterMs === null ? [] : [retryAfterMs]));
    const retryAfterMs = waits.length === 0 ? null : Math.max(...waits);
    const retry = uploadRetry({ attempts, failedAt, deadline, retryAfterMs }, chance);
    if ("retryAt" in retry) return { verdict: retry, reason, deadline };
    ranOut = retry.giveUp === "deadline";
  }
  const waitsForHost = refusals.find(({ host }) => host !== null)?.host ?? null;
  if (waitsForHost !== null && !ranOut) {
    if (deadline !== null && deadline <= failedAt) return gaveUp("expired");
    const retryAt = Math.min(failedAt + LOOK_AGAIN_MS, deadline ?? Number.POSITIVE_INFINITY);
    return { verdict: { retryAt, waitsForHost }, reason, deadline };
  }
  const isKept = isUnnamed(failed) && (deadline === null || deadline > failedAt);
  return gaveUp(ranOut || (faults.every(isGone) && !isKept) ? "expired" : "failed");
}

/** Returns whether nothing was asked because no report has named a URL. Then the provider may still have its copy. */
function isUnnamed({ faults, sourceUrl, recordingUrl }: FailedSources): boolean {
  return faults.length === 0 && sourceUrl === null && recordingUrl === null;
}

function isPassing({ fault }: SourceFault): boolean {
  return fault instanceof StorageFault || fault.kind === "passing";
}

/** Returns whether a source says that it no longer has the recording. An API that refuses its key may still have it. */
function isGone({ source, fault }: SourceFault): boolean {
  if (fault instanceof StorageFault) return false;
  return fault.kind === "gone" && fault.status !== 404 && !refusesKey(source, fault);
}

/**
 * Returns whether the API refused its key. The key is not sent to where the API redirects: an answer from there is
 * about the link.
 */
function refusesKey(source: SourceName, { status, isRedirected }: EgressFault): boolean {
  return source === "API" && !isRedirected && (status === 401 || status === 403);
}

function reasonOf(failed: FailedSources): string {
  const { faults, remedy, providerAccountId, waitedForHost } = failed;
  const hosts = new Set(
    faults.flatMap(({ fault }) => (fault instanceof StorageFault ? [] : (fault.host ?? []))),
  );
  const sentences = faults.map(sentenceOf);
  if (isUnnamed(failed))
    sentences.push("The report names no URL that can be fetched: only https and http can.");
  else if (faults.length === 0) sentences.push("No source is left: the URL has expired.");
  if (faults.length === 0 && waitedForHost !== null) {
    sentences.push(`The host ${waitedForHost} was not allowed in time.`);
  }
  if (hosts.size > 0) {
    sentences.push(
      `To allow the host: ops account set ${providerAccountId} --recording-host ${[...hosts].join(",")}`,
    );
  }
  if (remedy !== null && !faults.some(isPassing) && hosts.size === 0) {
    sentences.push(`The provider's API was not asked, because no API key is set. To change that: ${remedy}`);
  }
  return sentences.join(" ");
}

const SUBJECTS: Readonly<Record<SourceName, string>> = {
  "presigned URL": "The presigned URL",
  API: "The provider's API",
  "plain URL": "The plain URL",
};

/** What a source answered. Reasons begin with "the server", or with a subject of their own. */
function sentenceOf({ source, fault }: SourceFault): string {
  const { reason } = fault;
  if (fault instanceof StorageFault) return `The recording could not be stored: ${reason}.`;
  const subject = SUBJECTS[source];
  const about = /^the server\b/;
  const sentence = about.test(reason)
    ? reason.replace(about, subject)
    : `${subject} cannot be used: ${reason}`;
  const meaning = meaningOf(source, fault);
  return meaning === null ? `${sentence}.` : `${sentence}: ${meaning}.`;
}

function meaningOf(source: SourceName, fault: EgressFault): string | null {
  const { kind, status, isRedirected } = fault;
  if (kind !== "gone") return null;
  if (refusesKey(source, fault)) return "it refuses the API key";
  if (status === 404) return "the recording is not there";
  if (source === "API" && !isRedirected) return "it does not keep the recording any more";
  return "the link has expired or is not public";
}
