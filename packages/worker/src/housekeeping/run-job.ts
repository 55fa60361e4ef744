import { DbError } from "@call-ledger/db/client";
import type { HeldRun, HousekeepingProgress } from "@call-ledger/db/jobs";
import {
  claimHousekeeping,
  extendHousekeeping,
  releaseHousekeeping,
  settleHousekeeping,
} from "@call-ledger/db/jobs";
import { RecordingFault } from "@call-ledger/storage";
import type { HousekeepingJob, HousekeepingOutcome, HousekeepingPorts } from "./housekeeping-job.ts";

/** How long a killed worker's run stays its own. */
const LEASE_SECONDS = 60;

export type RunOptions = {
  readonly byHand: boolean;
  readonly stop: AbortSignal;
  /** Extended four times while it lasts. Default 60. */
  readonly leaseSeconds?: number;
};

/** One run as it ended: done, failed (tried again by itself), or cut short (`lost`: another process has it now). */
export type JobRun = { readonly name: string; readonly tookMs: number } & (
  | ({ readonly ended: "done" } & HousekeepingOutcome)
  | { readonly ended: "failed"; readonly error: string }
  | { readonly ended: "stopped" | "lost" }
);

/**
 * Claims the first of the jobs that is due (by hand: that nobody holds), runs it and books what came of it. `null`:
 * there is none. `stop` ends it between two steps, and gives it back. Throws DbError when nothing can be claimed or booked.
 */
export async function runNextJob(
  jobs: readonly HousekeepingJob[],
  ports: HousekeepingPorts,
  { byHand, stop, leaseSeconds = LEASE_SECONDS }: RunOptions,
): Promise<JobRun | null> {
  const held = await claimHousekeeping(ports.session, jobs, { leaseSeconds, byHand });
  const job = jobs.find(({ name }) => name === held?.name);
  if (held === null || job === undefined) return null;
  const begun = performance.now();
  const ended = await runHeld(job, held, ports, { byHand, stop, leaseSeconds });
  return { name: job.name, tookMs: Math.round(performance.now() - begun), ...ended };
}

type Ended =
  | ({ readonly ended: "done" } & HousekeepingOutcome)
  | { readonly ended: "failed"; readonly error: string }
  | { readonly ended: "stopped" | "lost" };

async function runHeld(
  job: HousekeepingJob,
  held: HeldRun,
  ports: HousekeepingPorts,
  { byHand, stop, leaseSeconds }: Required<RunOptions>,
): Promise<Ended> {
  const lost = new AbortController();
  let reached: HousekeepingProgress | null = null;
  const keep = async () => {
    // A database that is away for a moment takes the run from nobody: the next attempt finds out.
    const isHeld = await extendHousekeeping(ports.session, held, leaseSeconds, reached).catch(() => true);
    if (!isHeld) lost.abort();
  };
  const keeping = setInterval(keep, leaseSeconds * 250);
  const signal = AbortSignal.any([stop, lost.signal]);
  const comeTo = (progress: HousekeepingProgress) => {
    reached = progress;
  };
  let ended: Ended;
  try {
    const turn = { ...ports, byHand, progress: held.progress, comeTo, signal };
    ended = { ended: "done", ...(await job.run(turn)) };
  } catch (error) {
    ended = signal.aborted ? { ended: "stopped" } : { ended: "failed", error: wordsOf(error) };
  } finally {
    clearInterval(keeping);
  }
  const isHeld = await extendHousekeeping(ports.session, held, leaseSeconds, reached);
  return isHeld && (await book(ports, held, ended)) ? ended : { ended: "lost" };
}

function book({ session }: HousekeepingPorts, held: HeldRun, ended: Ended): Promise<boolean> {
  if (ended.ended === "done") {
    const result = ended.alert === null ? ended.result : { ...ended.result, alert: ended.alert };
    return settleHousekeeping(session, held, { result, error: null });
  }
  if (ended.ended === "failed")
    return settleHousekeeping(session, held, { result: null, error: ended.error });
  return releaseHousekeeping(session, held);
}

/** What is safe to show: codes, our own words, or the kind of an error. */
function wordsOf(error: unknown): string {
  if (error instanceof DbError) return `the database: ${error.message}`;
  if (error instanceof RecordingFault) return error.reason;
  return error instanceof Error ? error.name : typeof error;
}
