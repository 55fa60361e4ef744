import { setTimeout as sleep } from "node:timers/promises";
import { workLoop } from "../loop/work-loop.ts";
import type { HousekeepingJob, HousekeepingPorts } from "./housekeeping-job.ts";
import type { SettledRun } from "./run-job.ts";
import { housekeepingWork } from "./run-job.ts";

export type Housekeeper = {
  /** Ends the current run between two of its steps and gives it back, if that takes no longer than `graceMs`. */
  stop(graceMs: number): Promise<void>;
};

export type HousekeeperLog = {
  info(fields: Readonly<Record<string, string | number | null>>, message: string): void;
  warn(fields: Readonly<Record<string, string | number | null>>, message: string): void;
};

const ALERT_AGAIN_MS = 86_400_000;

/**
 * Runs the due jobs one after another, and looks for due jobs again every `lookMs`. Any number of processes may do it,
 * because each run is claimed in the database. A run that changed nothing is not logged. The same failure is logged
 * once a day.
 */
export function housekeeper(
  jobs: readonly HousekeepingJob[],
  ports: HousekeepingPorts,
  log: HousekeeperLog,
  lookMs: number,
): Housekeeper {
  const work = housekeepingWork(jobs, ports, { byHand: false });
  const logRun = runLog(log, ports.now);
  const run: typeof work.run = async (held, signal) => {
    const settled = await work.run(held, signal);
    if (settled !== null) logRun(settled);
    return settled;
  };
  const loop = workLoop({ ...work, run }, { concurrency: 1, pollMs: lookMs });
  return {
    async stop(graceMs) {
      await Promise.race([loop.stop(0), sleep(graceMs, undefined, { ref: false })]);
    },
  };
}

function runLog(log: HousekeeperLog, now: () => number): (run: SettledRun) => void {
  const loggedAt = new Map<string, number>();
  const isNews = (name: string, trouble: boolean) => {
    if (!trouble) loggedAt.delete(name);
    const last = loggedAt.get(name);
    if (!trouble || (last !== undefined && now() - last < ALERT_AGAIN_MS)) return false;
    loggedAt.set(name, now());
    return true;
  };
  return (run) => {
    const { name: job, tookMs } = run;
    if (run.ended === "failed") {
      if (isNews(job, true)) log.warn({ job, tookMs, error: run.error }, "Housekeeping failed");
      return;
    }
    if (run.changed > 0) log.info({ job, tookMs, ...run.result }, "Housekeeping done");
    if (isNews(job, run.alert !== null)) log.warn({ job, ...run.result }, run.alert ?? "");
  };
}
