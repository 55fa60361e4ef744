/** A job is no longer held, or its process stops. The job's state must not be changed. */
export class JobInterrupted extends Error {
  override readonly name = "JobInterrupted";
}

/**
 * A kind of work whose jobs are claimed with a lease. A process extends the lease of its job while it works on it. A
 * job of a killed process is due again when its lease ends.
 */
export type LeasedWork<Job, Outcome = unknown> = {
  /** For how long a process keeps a job that it does not extend. */
  readonly leaseMs: number;
  /** Claims due jobs, at most `max`, which are held from now on. */
  claim(max: number): Promise<readonly Job[]>;
  /**
   * Works on a job until it is settled, or ends soon after `signal` is aborted, with JobInterrupted as the reason.
   * Returns `null` if the job has to be given back.
   */
  run(job: Job, signal: AbortSignal): Promise<Outcome | null>;
  /** Keeps a job for another `leaseMs`. Returns `false` if the job is no longer held. */
  extend(job: Job): Promise<boolean>;
  /** Gives a job back. Returns `false` if it was no longer held. */
  release(job: Job): Promise<boolean>;
  onError(error: unknown): void;
};

/**
 * Runs a claimed job and extends its lease meanwhile. The job is interrupted when `stop` is aborted, when it is no
 * longer held, and when its lease has expired because it could not be extended. An interrupted job is given back
 * (`stopped`), unless another process has it (`lost`). Throws the errors of an uninterrupted `run`, and those of
 * `release`.
 */
export async function runLeased<Job, Outcome>(
  job: Job,
  work: LeasedWork<Job, Outcome>,
  stop: AbortSignal,
): Promise<Outcome | "stopped" | "lost"> {
  const lost = new AbortController();
  const signal = AbortSignal.any([stop, lost.signal]);
  let heldUntil = performance.now() + work.leaseMs;
  const extend = async () => {
    try {
      if (await work.extend(job)) heldUntil = performance.now() + work.leaseMs;
      else lost.abort(new JobInterrupted());
    } catch (error) {
      work.onError(error);
      if (performance.now() > heldUntil) lost.abort(new JobInterrupted());
    }
  };
  const timer = setInterval(extend, work.leaseMs / 3);
  try {
    const outcome = await work.run(job, signal);
    if (outcome !== null) return outcome;
  } catch (error) {
    if (!signal.aborted) throw error;
    work.onError(error);
  } finally {
    clearInterval(timer);
  }
  return (await work.release(job)) ? "stopped" : "lost";
}
