import { probeDatabase } from "./database-probe.ts";

export type ThrottleOptions = {
  readonly timeoutMs: number;
  /** Milliseconds on a clock that does not jump. */
  now(): number;
  /** How long an answer is used again; default: 20 times as long as the question took. */
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
  let latest: { readonly answer: Answer; readonly until: number } | null = null;
  const probe = probeDatabase(async () => {
    const begun = now();
    const answer = await ask();
    const answered = now();
    latest = { answer, until: answered + (goodForMs ?? WORTH * (answered - begun)) };
    return answer;
  }, timeoutMs);
  return async () => {
    if (latest !== null && latest.until > now()) return latest.answer;
    return (await probe()) ?? latest?.answer ?? null;
  };
}
