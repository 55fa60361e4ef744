import { repeating } from "@call-ledger/process";
import type { LeasedWork } from "./leased-work.ts";
import { runLeased } from "./leased-work.ts";

export type LoopTiming = {
  /** How many jobs run at once. */
  readonly concurrency: number;
  /** How long an idle loop waits when nobody wakes it. */
  readonly pollMs: number;
};

export type WorkLoop = {
  /** Jobs may be due: look at once. */
  wake(): void;
  running(): number;
  /** Claims nothing more, waits up to `graceMs` for what runs, then interrupts and gives back the rest within a second. */
  stop(graceMs: number): Promise<void>;
};

/** A database that is away keeps nobody from stopping: the leases that cannot be given back end by themselves. */
const GIVE_BACK_MS = 1_000;

/** Runs jobs, never more than `concurrency` at once; asks for new ones when woken, when one ends, and now and then. */
export function workLoop<Job>(work: LeasedWork<Job>, { concurrency, pollMs }: LoopTiming): WorkLoop {
  const running = new Set<Promise<void>>();
  const stop = new AbortController();

  // An idle worker waits for jobs: nothing else may keep its process alive.
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
      stop.abort(work.interruption());
      await Promise.race([finished, pause(GIVE_BACK_MS)]);
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
