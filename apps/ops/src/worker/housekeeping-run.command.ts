import type { Config } from "@call-ledger/config";
import type { HousekeepingRun } from "@call-ledger/db/access";
import { readHousekeeping } from "@call-ledger/db/access";
import { workerSession } from "@call-ledger/db/jobs";
import { asOperator, operatorPool } from "@call-ledger/db-operator/admin";
import { recordingStorage, SettingsRefused } from "@call-ledger/storage";
import type { HousekeepingJob, HousekeepingPorts, JobRun } from "@call-ledger/worker/housekeeping";
import { HOUSEKEEPING_JOBS, runNextJob } from "@call-ledger/worker/housekeeping";
import { housekeepingLimits } from "@call-ledger/worker/start";
import { command, halfWay, usage } from "../cli/command.ts";
import { settingsIn } from "../cli/settings.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { figuresIn } from "./figures.ts";

const STATEMENT_MS = 10_000;
const NAMES = HOUSEKEEPING_JOBS.map(({ name }) => name).join(", ");

/** The result of one job; `busy`: another process runs it at the moment. */
type Ended = JobRun | { readonly name: string; readonly ended: "busy" };

export const housekeepingRunCommand = command({
  about:
    "Runs housekeeping jobs now, even if they are not due: the named ones, or all. A job that another process runs at " +
    `the moment is skipped. Use the server's retention days and storage. The jobs: ${NAMES}. The exit code is 1 if one ` +
    "of them failed, and 4 after an interruption: finished work stays.",
  options: { all: { about: "all jobs" } },
  values: "[NAME…]",
  examples: ["housekeeping run --all", "housekeeping run payload_retention event_retention --json"],

  async run({ all }, { env, now, progress, interruption }, values) {
    const jobs = chosen(values, all);
    // Wrong retention days must not delete anything, so the whole environment has to be valid.
    const config = settingsIn(env);
    const url = ownerUrl(env);
    refuseShorterDays(config, await asOperator(url, readHousekeeping));
    const ended: Ended[] = [];
    await using pool = operatorPool(url, 2);
    const stop = interruption();
    const session = workerSession(pool, STATEMENT_MS);
    const ports = { session, storage: storageOf(config), limits: housekeepingLimits(config), now };
    for (const job of jobs) {
      progress(`${job.name} …`);
      const run = await runNextJob([job], ports, { byHand: true, stop });
      const one: Ended = run ?? { name: job.name, ended: "busy" };
      if (one.ended === "stopped") {
        throw halfWay(`${job.name} was interrupted. Its work so far stays. Run it again to continue.`);
      }
      ended.push(one);
      progress(`  ${lineOf(one)}`);
    }
    const well = ended.filter((one) => one.ended === "done").length;
    return {
      document: ended.map(documentOf),
      text: [`${well} of ${ended.length} done.`],
      exitCode: well < ended.length ? 1 : 0,
    };
  },
});

function chosen(values: readonly string[], all: boolean): readonly HousekeepingJob[] {
  const names = [...new Set(values)];
  if (all === names.length > 0) throw usage(`Name each job, or use --all. The jobs: ${NAMES}.`);
  if (all) return HOUSEKEEPING_JOBS;
  return names.map((name) => {
    const job = HOUSEKEEPING_JOBS.find((one) => one.name === name);
    if (job === undefined) throw usage(`There is no job ${name}. The jobs: ${NAMES}.`);
    return job;
  });
}

/**
 * Refuses fewer retention days than the worker's, so that rows are not deleted because this shell does not have its
 * settings.
 */
function refuseShorterDays(config: Config, runs: readonly HousekeepingRun[]): void {
  for (const [job, variable] of KEPT_BY) {
    const days = Number(runs.find(({ name }) => name === job)?.result?.kept_days ?? 0);
    if (config[variable] >= days) continue;
    throw usage(
      `${job} keeps ${days} days on the server, but ${variable} is ${config[variable]} here. Set the server's value here, ` +
        "or change it on the server first if you want fewer days.",
    );
  }
}

const KEPT_BY = [
  ["payload_retention", "PAYLOAD_RETENTION_DAYS"],
  ["event_retention", "EVENT_RETENTION_DAYS"],
] as const;

function storageOf(config: Config): HousekeepingPorts["storage"] {
  try {
    return recordingStorage(config);
  } catch (error) {
    throw error instanceof SettingsRefused ? usage(`${error.message}.`) : error;
  }
}

function lineOf(run: Ended): string {
  if (run.ended === "busy") return "is being run by another process at the moment; see housekeeping list";
  if (run.ended === "failed") return `failed after ${run.tookMs} ms: ${run.error}`;
  if (run.ended === "done") return run.alert ?? `done in ${run.tookMs} ms: ${figuresIn(run.result)}`;
  return "was taken over by another process";
}

function documentOf(run: Ended) {
  return {
    name: run.name,
    ended: run.ended,
    took_ms: run.ended === "busy" ? null : run.tookMs,
    result: run.ended === "done" ? run.result : null,
    alert: run.ended === "done" ? run.alert : null,
    error: run.ended === "failed" ? run.error : null,
  };
}
