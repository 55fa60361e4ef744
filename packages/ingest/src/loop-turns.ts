import { fairQueue } from "./fair-queue.ts";

export type LoopTurnsPorts = {
  /** Milliseconds on a clock that does not jump. */
  now(): number;
  /** Calls back in the next turn of the event loop, after what is ready to be read. */
  nextTurn(resume: () => void): void;
};

/** Does work now if the event loop has time for it, else in a later turn. The promise settles as the work does. */
export type LoopTurns = <Result>(owner: string, work: () => Result) => Promise<Result>;

/**
 * Bounds how long the event loop stops for work that comes in heaps: when `maxMs` of a turn are spent, what is left waits
 * for the next turn, of each owner in turn. A piece of work is never interrupted, so a turn takes at most `maxMs` and the
 * longest piece.
 */
export function loopTurns({ now, nextTurn }: LoopTurnsPorts, maxMs: number): LoopTurns {
  const unbounded = { maxItems: Number.POSITIVE_INFINITY, maxWeight: Number.POSITIVE_INFINITY };
  const waiting = fairQueue<() => void>({ refuse: () => undefined }, unbounded);
  /** When the first work of this turn began; `null`: none did. */
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
