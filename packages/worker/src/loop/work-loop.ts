/** What the loop knows of a job: that it is held, by which name. */
export type Held = { readonly leaseToken: string };

export type LoopPorts<Job extends Held> = {
  /** Jobs that are due, at most `most`, and held from now on. */
  claim(most: number, newest: boolean): Promise<readonly Job[]>;
  /** Works on one job until it is settled; ends soon after `signal` is aborted. */
  work(job: Job, signal: AbortSignal): Promise<void>;
  /** Keeps a job; `false`: it is not held any more. */
  extend(job: Job): Promise<boolean>;
  /** Gives a job back untried. */
  release(job: Job): Promise<void>;
  /** What the signal of an aborted job is given. */
  abortReason(): Error;
  onError(error: unknown): void;
};

export type LoopTiming = {
  readonly concurrency: number;
  /** How long an idle loop waits when nobody wakes it. */
  readonly pollMs: number;
  readonly leaseMs: number;
};

export type WorkLoop = {
  /** Jobs may be due: look at once. */
  wake(): void;
  running(): number;
  /** Claims nothing more, waits up to `graceMs` for what runs, then aborts and gives back the rest. */
  stop(graceMs: number): Promise<void>;
};

type Running = { readonly abort: AbortController; readonly done: Promise<void> };

/** Runs jobs, never more than `concurrency` at once; asks for new ones when woken, when one ends, and now and then. */
export function workLoop<Job extends Held>(ports: LoopPorts<Job>, timing: LoopTiming): WorkLoop {
  const running = new Map<string, Running>();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | null = null;
  let askedAgain = false;
  let newest = false;

  const wake = () => {
    if (stopped) return;
    askedAgain = round !== null;
    if (round !== null) return;
    clearTimeout(timer);
    round = look().finally(() => {
      round = null;
      if (askedAgain) return wake();
      if (!stopped) timer = setTimeout(wake, timing.pollMs);
    });
  };

  const look = async () => {
    const free = timing.concurrency - running.size;
    if (free <= 0) return;
    newest = !newest;
    try {
      const jobs = await ports.claim(free, newest);
      for (const job of jobs) begin(job);
    } catch (error) {
      ports.onError(error);
    }
  };

  const begin = (job: Job) => {
    const abort = new AbortController();
    const done = attend(job, ports, timing, abort).finally(() => {
      running.delete(job.leaseToken);
      wake();
    });
    running.set(job.leaseToken, { abort, done });
  };

  wake();
  return {
    wake,
    running: () => running.size,
    async stop(graceMs) {
      stopped = true;
      clearTimeout(timer);
      await round;
      const all = () => Promise.all([...running.values()].map(({ done }) => done));
      await Promise.race([all(), pause(graceMs)]);
      for (const { abort } of running.values()) abort.abort(ports.abortReason());
      await all();
    },
  };
}

/** Works on a job while its lease is extended; a job whose lease is lost is aborted. Never rejects. */
async function attend<Job extends Held>(
  job: Job,
  ports: LoopPorts<Job>,
  { leaseMs }: LoopTiming,
  abort: AbortController,
): Promise<void> {
  let heldUntil = performance.now() + leaseMs;
  const keep = async () => {
    try {
      if (await ports.extend(job)) heldUntil = performance.now() + leaseMs;
      else abort.abort(ports.abortReason());
    } catch (error) {
      ports.onError(error);
      if (performance.now() > heldUntil) abort.abort(ports.abortReason());
    }
  };
  const keeping = setInterval(keep, leaseMs / 3);
  try {
    await ports.work(job, abort.signal);
  } catch (error) {
    ports.onError(error);
  } finally {
    clearInterval(keeping);
  }
  // Harmless where the job was settled or taken over: only who holds it can give it back.
  if (abort.signal.aborted) await ports.release(job).catch(ports.onError);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
