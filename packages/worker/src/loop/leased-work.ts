/**
 * A kind of work whose jobs are claimed with a lease: a process that works on a job extends its lease, and what a killed
 * process has left is due again when the lease ends.
 */
export type LeasedWork<Job, Outcome = unknown> = {
  /** How long a job stays with a process that does not extend it. */
  readonly leaseMs: number;
  /** Jobs that are due, at most `max`, and held from now on. */
  claim(max: number): Promise<readonly Job[]>;
  /** Works on a job until it is settled, or ends soon after `signal` is aborted. `null`: it has to be given back. */
  run(job: Job, signal: AbortSignal): Promise<Outcome | null>;
  /** Keeps a job for another `leaseMs`; `false`: it is not held any more. */
  extend(job: Job): Promise<boolean>;
  /** Gives a job back; `false`: it was not held any more. */
  release(job: Job): Promise<boolean>;
  /** What `signal` is aborted with. */
  interruption(): Error;
  onError(error: unknown): void;
};

/**
 * Runs a job that was claimed, and extends its lease meanwhile. The job is interrupted when `stop` is aborted, when it is
 * not held any more, and when its lease has run out because it could not be extended. An interrupted job is given back
 * (`stopped`), unless somebody else has it (`lost`). Throws what `run` throws uninterrupted, and what `release` throws.
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
      else lost.abort(work.interruption());
    } catch (error) {
      work.onError(error);
      if (performance.now() > heldUntil) lost.abort(work.interruption());
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
