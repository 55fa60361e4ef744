/** What a probe of the database found; `null`: it did not answer in time, or not as a ledger. */
export type Probe<Answer> = () => Promise<Answer | null>;

/**
 * Asks the database a question, waiting for at most `timeoutMs`, with never more than one question under way:
 * whoever asks meanwhile waits for the same answer. A question that outlives the timeout goes on, so that a slow
 * connection is made in the end, and that a frozen database finds one question and not one for each visitor. `failed`
 * gets what a question has failed with.
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

  return async () => {
    underWay ??= ask();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, null);
    });
    try {
      return await Promise.race([underWay, timeout]);
    } finally {
      clearTimeout(timer);
    }
  };
}
