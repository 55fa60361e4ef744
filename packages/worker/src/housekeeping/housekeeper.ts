import type { HousekeepingJob, HousekeepingPorts } from "./housekeeping-job.ts";
import type { JobRun } from "./run-job.ts";
import { runNextJob } from "./run-job.ts";

export type Housekeeper = {
  /** Ends a run that is under way between two of its steps and gives it back, if that takes no longer than `graceMs`. */
  stop(graceMs: number): Promise<void>;
};

export type HousekeeperLog = {
  info(fields: Readonly<Record<string, string | number | null>>, message: string): void;
  warn(fields: Readonly<Record<string, string | number | null>>, message: string): void;
};

const ALERT_AGAIN_MS = 86_400_000;

/**
 * Runs the jobs that are due, one after the other, and looks again every `lookMs`. Any number of processes may do it:
 * each run is claimed in the database. What changed nothing is not logged; the same trouble is told once a day.
 */
export function housekeeper(
  jobs: readonly HousekeepingJob[],
  ports: HousekeepingPorts,
  log: HousekeeperLog,
  lookMs: number,
): Housekeeper {
  const stop = new AbortController();
  const tell = teller(log, ports.now);
  let timer: NodeJS.Timeout | undefined;
  let underWay = Promise.resolve();

  const round = async () => {
    try {
      for (;;) {
        const run = await runNextJob(jobs, ports, { byHand: false, stop: stop.signal });
        if (run === null || stop.signal.aborted) return;
        tell(run);
      }
    } catch {
      // The database is away, which the worker's other work has said already: the next look finds what is due.
    }
  };
  const look = () => {
    underWay = round().finally(() => {
      if (!stop.signal.aborted) timer = setTimeout(look, lookMs).unref();
    });
  };
  look();
  return {
    async stop(graceMs) {
      stop.abort();
      clearTimeout(timer);
      const patience = new Promise<void>((resolve) => setTimeout(resolve, graceMs).unref());
      await Promise.race([underWay, patience]);
    },
  };
}

function teller(log: HousekeeperLog, now: () => number): (run: JobRun) => void {
  const toldAt = new Map<string, number>();
  const isNews = (name: string, trouble: boolean) => {
    if (!trouble) toldAt.delete(name);
    const last = toldAt.get(name);
    if (!trouble || (last !== undefined && now() - last < ALERT_AGAIN_MS)) return false;
    toldAt.set(name, now());
    return true;
  };
  return (run) => {
    const { name: job, tookMs, ended } = run;
    if (ended === "failed") {
      if (isNews(job, true)) log.warn({ job, tookMs, error: run.error }, "Housekeeping failed");
      return;
    }
    if (ended !== "done") return;
    if (run.changed > 0) log.info({ job, tookMs, ...run.result }, "Housekeeping done");
    if (isNews(job, run.alert !== null)) log.warn({ job, ...run.result }, run.alert ?? "");
  };
}
