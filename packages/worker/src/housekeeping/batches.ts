import { setTimeout as sleep } from "node:timers/promises";
import { DbError } from "@call-ledger/db/errors";

/** The approximate time for which one batch may hold its locks. */
const TARGET_MS = 10;
const FIRST = 200;
const [MIN, MAX] = [20, 2_000];
/** Between batches, nine tenths of the time are left to deliveries. */
const PAUSE_RATIO = 9;
const [SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS] = [10, 2_000];
const FAILURES_IN_A_ROW = 5;
const PAUSE_AFTER_FAILURE_MS = 500;

/** The result of one batch. `done`: nothing is left. */
export type Batch = { readonly dropped: number; readonly done: boolean };

/**
 * Works in short transactions, with pauses in proportion to their duration, so that no writer waits for long. The size
 * of a batch is adapted to its duration. `step` processes about `max` items. If the database is busy, a smaller batch
 * is tried again. Returns the number of dropped items. Throws DbError, or the signal's reason.
 */
export async function inBatches(step: (max: number) => Promise<Batch>, signal: AbortSignal): Promise<number> {
  let dropped = 0;
  let max = FIRST;
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    const begun = performance.now();
    try {
      const batch = await step(max);
      dropped += batch.dropped;
      if (batch.done) return dropped;
      failures = 0;
    } catch (error) {
      failures += 1;
      const passing = error instanceof DbError && error.kind === "unavailable";
      if (!passing || failures === FAILURES_IN_A_ROW) throw error;
      max = nextSize(max, 2 * TARGET_MS);
      await pause(PAUSE_AFTER_FAILURE_MS, signal);
      continue;
    }
    const tookMs = performance.now() - begun;
    max = nextSize(max, tookMs);
    await pause(Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, PAUSE_RATIO * tookMs)), signal);
  }
}

/** Like `inBatches`, for a step that returns the number of dropped items; 0: nothing is left. */
export function untilNoneIsLeft(
  step: (max: number) => Promise<number>,
  signal: AbortSignal,
): Promise<number> {
  return inBatches(async (max) => {
    const dropped = await step(max);
    return { dropped, done: dropped === 0 };
  }, signal);
}

/** Returns the next size: at most double and at least half of the last one. */
export function nextSize(max: number, tookMs: number): number {
  const factor = Math.min(2, Math.max(0.5, TARGET_MS / Math.max(1, tookMs)));
  return Math.round(Math.min(MAX, Math.max(MIN, max * factor)));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}
