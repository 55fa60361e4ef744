import type { Instant } from "../call/call-event.ts";

/** An upload job after a failed attempt. */
export type FailedUpload = {
  /** The number of attempts, including the one that failed now; 1 or more. */
  readonly attempts: number;
  readonly failedAt: Instant;
  /** The time at which the provider deletes its copy; `null` if unknown. */
  readonly deadline: Instant | null;
  /** The `Retry-After` of the source in milliseconds. */
  readonly retryAfterMs: number | null;
};

export type UploadRetry = { readonly retryAt: Instant } | { readonly giveUp: "attempts" | "deadline" };

const FIRST_DELAY_MS = 5_000;
const LONGEST_DELAY_MS = 6 * 3_600_000;
const MAX_ATTEMPTS = 20;

/**
 * Returns when to try an upload again. The delay grows exponentially from 5 s to 6 h, with up to 50 % of jitter, and is
 * never below the source's `Retry-After`. Gives up after 20 attempts, and if the retry would come after the deadline.
 * `chance` is a random number in [0, 1).
 */
export function uploadRetry(job: FailedUpload, chance: number): UploadRetry {
  if (job.attempts >= MAX_ATTEMPTS) return { giveUp: "attempts" };
  const exponential = Math.min(FIRST_DELAY_MS * 2 ** (job.attempts - 1), LONGEST_DELAY_MS);
  const delay = Math.max(exponential * (0.5 + chance / 2), job.retryAfterMs ?? 0);
  const retryAt = Math.ceil(job.failedAt + delay);
  return job.deadline !== null && retryAt >= job.deadline ? { giveUp: "deadline" } : { retryAt };
}
