import { setTimeout as sleep } from "node:timers/promises";

/** Asks the database; `null`: the database did not answer in time, or is not a ledger. */
export type Probe<Answer> = () => Promise<Answer | null>;

/**
 * Asks the database a question and waits at most `timeoutMs` for the answer. One question runs at a time; callers that
 * come meanwhile wait for the same answer. A question goes on after the timeout. So a slow connection is made in the
 * end, and a frozen database gets one question instead of one for each visitor. `failed` gets the error of a question.
 */
export function probeDatabase<Answer>(
  question: () => Promise<Answer>,
  timeoutMs: number,
  failed: (error: unknown) => void = () => undefined,
): Probe<Answer> {
  let underWay: Promise<Answer | null> | null = null;

  const ask = async (): Promise<Answer | null> => {
    try {
      return await question();
    } catch (error) {
      failed(error);
      return null;
    } finally {
      underWay = null;
    }
  };

  return () => {
    underWay ??= ask();
    return Promise.race([underWay, sleep(timeoutMs, null, { ref: false })]);
  };
}
