import { repeating } from "@call-ledger/process";
import type { LeasedWork } from "./leased-work.ts";
import { JobInterrupted, runLeased } from "./leased-work.ts";

export type LoopTiming = {
  /** The number of jobs that run at once. */
  readonly concurrency: number;
  /** The time that an idle loop waits if nothing wakes it. */
  readonly pollMs: number;
};

export type WorkLoop = {
  /** Looks for due jobs now. */
  wake(): void;
  running(): number;
  /**
   * Claims nothing more, waits up to `graceMs` for running jobs, then interrupts the others and gives them back within
   * a second.
   */
  stop(graceMs: number): Promise<void>;
};

/** A database that is away must not block the stop. Leases that cannot be given back expire. */
const GIVE_BACK_MS = 1_000;

/** Runs jobs, never more than `concurrency` at once. Claims new ones when woken, when a job ends, and at intervals. */
export function workLoop<Job>(work: LeasedWork<Job>, { concurrency, pollMs }: LoopTiming): WorkLoop {
  const running = new Set<Promise<void>>();
  const stop = new AbortController();

  // An idle worker waits for jobs. Nothing else may keep its process alive.
  const looking = repeating(
    async () => {
      const free = concurrency - running.size;
      try {
        if (free > 0) for (const job of await work.claim(free)) begin(job);
      } catch (error) {
        work.onError(error);
      }
      return pollMs;
    },
    { keepsAlive: true },
  );

  const begin = (job: Job) => {
    const done = runLeased(job, work, stop.signal)
      .then(() => undefined, work.onError)
      .finally(() => {
        running.delete(done);
        looking.hurry();
      });
    running.add(done);
  };

  return {
    wake: looking.hurry,
    running: () => running.size,
    async stop(graceMs) {
      const finished = looking.stop().then(() => Promise.all(running));
      await Promise.race([finished, pause(graceMs)]);
      stop.abort(new JobInterrupted());
      await Promise.race([finished, pause(GIVE_BACK_MS)]);
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
