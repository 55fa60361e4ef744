/** What a probe of the database found; `null`: it did not answer in time, or not as a ledger. */
export type Probe<Status> = () => Promise<Status | null>;

/**
 * Asks the database for its status, waiting for at most `patienceMs`, with never more than one question under way:
 * whoever asks meanwhile waits for the same answer. A question that outlives the patience goes on, so that a slow
 * connection is made in the end, and that a frozen database finds one question and not one for each visitor.
 */
export function probeDatabase<Status>(readStatus: () => Promise<Status>, patienceMs: number): Probe<Status> {
  let underWay: Promise<Status | null> | null = null;

  const ask = async (): Promise<Status | null> => {
    try {
      return await readStatus();
    } catch {
      return null;
    } finally {
      underWay = null;
    }
  };

  return async () => {
    underWay ??= ask();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, patienceMs, null);
    });
    try {
      return await Promise.race([underWay, patience]);
    } finally {
      clearTimeout(timer);
    }
  };
}
