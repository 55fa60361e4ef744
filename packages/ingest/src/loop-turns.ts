import { fairQueue } from "./fair-queue.ts";

export type LoopTurnsPorts = {
  /** Returns milliseconds on a monotonic clock. */
  now(): number;
  /** Calls back in the next turn of the event loop, after pending reads. */
  nextTurn(resume: () => void): void;
};

/**
 * Does work now if the event loop has time for it, otherwise in a later turn. The promise settles with the result of
 * the work.
 */
export type LoopTurns = <Result>(owner: string, work: () => Result) => Promise<Result>;

/**
 * Limits how long a burst of work blocks the event loop. When `maxMs` of a turn are used up, the remaining work waits
 * for the next turn, one owner after another. A piece of work is never interrupted, so a turn takes at most `maxMs`
 * plus the longest piece.
 */
export function loopTurns({ now, nextTurn }: LoopTurnsPorts, maxMs: number): LoopTurns {
  const unbounded = { maxItems: Number.POSITIVE_INFINITY, maxWeight: Number.POSITIVE_INFINITY };
  const waiting = fairQueue<() => void>({ refuse: () => undefined }, unbounded);
  /** The time of the first work in this turn; `null` if there was none. */
  let begunAt: number | null = null;

  const begin = (): void => {
    begunAt = now();
    nextTurn(serve);
  };
  const hasTime = (): boolean => begunAt === null || now() - begunAt < maxMs;
  const serve = (): void => {
    begunAt = null;
    if (waiting.size().items === 0) return;
    begin();
    while (hasTime()) {
      const [run] = waiting.take({ maxItems: 1, maxWeight: 1 });
      if (run === undefined) return;
      run();
    }
  };
  return (owner, work) =>
    new Promise((resolve, reject) => {
      const run = (): void => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      };
      if (!hasTime()) return waiting.add(owner, run, 1);
      if (begunAt === null) begin();
      run();
    });
}
