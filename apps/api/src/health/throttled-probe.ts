import { probeDatabase } from "./database-probe.ts";

export type ThrottleOptions = {
  readonly timeoutMs: number;
  /** Milliseconds on a clock that does not jump. */
  now(): number;
  /** How long an answer is good for; default: a multiple of the time it took. */
  readonly goodForMs?: number;
};

/** An answer is good for so many times as long as it took: asking then costs the database a twentieth of its time at most. */
const WORTH = 20;

/**
 * A probe for a question that takes the longer the more there is to count: asked rarely where it is slow, and when
 * there is no answer within the patience the last one stands. `null`: there has never been one.
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
