import type { Instant } from "../call/call-event.ts";

/** What is known of an upload job when an attempt has failed. */
export type FailedUpload = {
  /** Attempts made so far, this one included, at least 1. */
  readonly attempts: number;
  readonly failedAt: Instant;
  /** When the provider's copy is gone; `null`: not known. */
  readonly deadline: Instant | null;
  /** The source's own wish (Retry-After), milliseconds. */
  readonly retryAfterMs: number | null;
};

export type UploadRetry = { readonly retryAt: Instant } | { readonly giveUp: "attempts" | "deadline" };

const FIRST_DELAY_MS = 5_000;
const LONGEST_DELAY_MS = 6 * 3_600_000;
const MAX_ATTEMPTS = 20;

/**
 * When to try an upload again: exponential from 5 s to 6 h, with up to 50 % of jitter, at most 20 attempts,
 * never after the deadline. `chance` is a number in [0, 1). The source's own wish is a lower bound.
 */
export function uploadRetry(job: FailedUpload, chance: number): UploadRetry {
  if (job.attempts >= MAX_ATTEMPTS) return { giveUp: "attempts" };
  const exponential = Math.min(FIRST_DELAY_MS * 2 ** (job.attempts - 1), LONGEST_DELAY_MS);
  const delay = Math.max(exponential * (0.5 + chance / 2), job.retryAfterMs ?? 0);
  const retryAt = Math.ceil(job.failedAt + delay);
  return job.deadline !== null && retryAt >= job.deadline ? { giveUp: "deadline" } : { retryAt };
}
