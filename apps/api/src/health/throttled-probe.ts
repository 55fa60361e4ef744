import { probeDatabase } from "./database-probe.ts";

export type ThrottleOptions = {
  readonly timeoutMs: number;
  /** Milliseconds on a clock that does not jump. */
  now(): number;
  /** How long an answer is used again; default: 20 times as long as the question took, with an answer or without. */
  readonly goodForMs?: number;
};

/**
 * An answer is used again for so many times the duration of its question, which thus takes at most 1/20 of the time.
 */
const WORTH = 20;

/**
 * A probe for a question that takes longer if there is more to count. A slow question is asked rarely. Without an
 * answer within `timeoutMs` the probe returns the last one; `null`: there was never an answer.
 */
export function throttled<Answer>(
  ask: () => Promise<Answer>,
  { timeoutMs, now, goodForMs }: ThrottleOptions,
): () => Promise<Answer | null> {
  let latest: Answer | null = null;
  let restsUntil = 0;
  const probe = probeDatabase(async () => {
    const begun = now();
    try {
      latest = await ask();
      if (goodForMs !== undefined) restsUntil = now() + goodForMs;
      return latest;
    } finally {
      if (goodForMs === undefined) restsUntil = now() + WORTH * (now() - begun);
    }
  }, timeoutMs);
  return async () => (restsUntil > now() ? latest : ((await probe()) ?? latest));
}
