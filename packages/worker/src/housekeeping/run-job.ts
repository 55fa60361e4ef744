import type { HeldRun, HousekeepingProgress } from "@call-ledger/db/jobs";
import {
  claimHousekeeping,
  extendHousekeeping,
  releaseHousekeeping,
  settleHousekeeping,
} from "@call-ledger/db/jobs";
import { failureReason } from "../loop/failure-reason.ts";
import type { LeasedWork } from "../loop/leased-work.ts";
import { runLeased } from "../loop/leased-work.ts";
import type { HousekeepingJob, HousekeepingOutcome, HousekeepingPorts } from "./housekeeping-job.ts";

type WorkOptions = {
  readonly byHand: boolean;
  /** For how long a killed worker keeps its run. Default: 60. */
  readonly leaseSeconds?: number;
};

/** One run of a job that this process holds. */
type HeldJob = {
  readonly job: HousekeepingJob;
  readonly run: HeldRun;
  readonly begunAt: number;
  reached: HousekeepingProgress | null;
};

type Ended =
  | ({ readonly ended: "done" } & HousekeepingOutcome)
  | { readonly ended: "failed"; readonly error: string };

/** A run whose end is booked: it is done, or it failed and is tried again automatically. */
export type SettledRun = { readonly name: string; readonly tookMs: number } & Ended;

/** The end of one run: settled, given back, or `lost` if another process has it now. */
export type JobRun =
  | SettledRun
  | { readonly name: string; readonly tookMs: number; readonly ended: "stopped" | "lost" };

/** Runs due jobs. By hand, it runs jobs that no process holds. */
export function housekeepingWork(
  jobs: readonly HousekeepingJob[],
  ports: HousekeepingPorts,
  { byHand, leaseSeconds = 60 }: WorkOptions,
): LeasedWork<HeldJob, SettledRun> {
  const { session } = ports;
  const extend = ({ run, reached }: HeldJob) => extendHousekeeping(session, run, leaseSeconds, reached);
  return {
    leaseMs: leaseSeconds * 1_000,
    async claim() {
      const run = await claimHousekeeping(session, jobs, { leaseSeconds, byHand });
      const job = jobs.find(({ name }) => name === run?.name);
      if (run === null || job === undefined) return [];
      return [{ job, run, begunAt: performance.now(), reached: null }];
    },
    async run(held, signal) {
      const ended = await endOf(held, { ...ports, byHand }, signal);
      if (ended === null || !(await extend(held))) return null;
      const isSettled = await settleHousekeeping(session, held.run, settlementOf(ended));
      return isSettled ? { ...nameAndDuration(held), ...ended } : null;
    },
    extend,
    release: async (held) => (await extend(held)) && releaseHousekeeping(session, held.run),
    // The database is away. Other work of the worker logs that.
    onError: () => undefined,
  };
}

/**
 * Claims the first due job (by hand: the first that no process holds), runs it and books its result. Returns `null` if
 * there is none. `stop` interrupts the run between two steps and gives it back. Throws DbError if the claim or the
 * booking fails.
 */
export async function runNextJob(
  jobs: readonly HousekeepingJob[],
  ports: HousekeepingPorts,
  { stop, ...options }: WorkOptions & { readonly stop: AbortSignal },
): Promise<JobRun | null> {
  const work = housekeepingWork(jobs, ports, options);
  const [held] = await work.claim(1);
  if (held === undefined) return null;
  const ended = await runLeased(held, work, stop);
  return typeof ended === "string" ? { ...nameAndDuration(held), ended } : ended;
}

/** Returns `null` if the run was interrupted. */
async function endOf(
  held: HeldJob,
  ports: HousekeepingPorts & { readonly byHand: boolean },
  signal: AbortSignal,
): Promise<Ended | null> {
  const comeTo = (progress: HousekeepingProgress) => {
    held.reached = progress;
  };
  try {
    return {
      ended: "done",
      ...(await held.job.run({ ...ports, progress: held.run.progress, comeTo, signal })),
    };
  } catch (error) {
    return signal.aborted ? null : { ended: "failed", error: failureReason(error) };
  }
}

function settlementOf(ended: Ended): Parameters<typeof settleHousekeeping>[2] {
  if (ended.ended === "failed") return { result: null, error: ended.error };
  const { result, alert } = ended;
  return { result: alert === null ? result : { ...result, alert }, error: null };
}

function nameAndDuration({ job, begunAt }: HeldJob) {
  return { name: job.name, tookMs: Math.round(performance.now() - begunAt) };
}
