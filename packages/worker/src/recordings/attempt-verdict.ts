import type { FailedAttempt } from "@call-ledger/db/jobs";
import { uploadRetry } from "@call-ledger/domain";
import type { RecordingFault } from "@call-ledger/storage";

/** What one source of an attempt answered. */
export type SourceFault = { readonly source: string; readonly fault: RecordingFault };

export type FailedSources = {
  /** This attempt included. */
  readonly attempts: number;
  readonly failedAt: number;
  readonly deadline: number | null;
  /** One for each source that was tried; none: there was nothing to try. */
  readonly faults: readonly SourceFault[];
};

/** A recording may be named before it can be had; with the domain's delays five attempts are a minute and more. */
const ATTEMPTS_WHILE_MISSING = 5;

/** Whether a failed attempt is repeated, and the reason for a person. `chance` is a number in [0, 1). */
export function attemptVerdict(
  { attempts, failedAt, deadline, faults }: FailedSources,
  chance: number,
): FailedAttempt {
  const reason = faults.map(({ source, fault }) => `${source}: ${fault.reason}`).join("; ");
  const kinds = faults.map(({ fault }) => fault);
  if (kinds.length === 0) {
    return {
      verdict: "expired",
      reason: "no source is left: the URL has expired and no API key is set",
      deadline,
    };
  }
  const isMissing = kinds.some(({ status }) => status === 404) && attempts < ATTEMPTS_WHILE_MISSING;
  const passes = kinds.some(({ kind }) => kind === "passing" || kind === "storage") || isMissing;
  if (!passes) return { verdict: "failed", reason, deadline };

  const waits = kinds.flatMap(({ retryAfterMs }) => (retryAfterMs === null ? [] : [retryAfterMs]));
  const retryAfterMs = waits.length === 0 ? null : Math.max(...waits);
  const retry = uploadRetry({ attempts, failedAt, deadline, retryAfterMs }, chance);
  if ("retryAt" in retry) return { verdict: { retryAt: retry.retryAt }, reason, deadline };
  return { verdict: retry.giveUp === "deadline" ? "expired" : "failed", reason, deadline };
}
