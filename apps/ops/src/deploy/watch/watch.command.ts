import { access, constants } from "node:fs/promises";
import type { Result, Surroundings } from "../../cli/command.ts";
import { command, usage } from "../../cli/command.ts";
import { fileFailure } from "../../cli/file-failure.ts";
import { duration, serverIn, wholeNumber } from "../../cli/values.ts";
import { ownerUrl } from "../../database/owner-url.ts";
import type { CheckResult } from "../checks/check.ts";
import { resultOf } from "../checks/check-result.ts";
import type { Log } from "./follow-log.ts";
import { followFile, followStream } from "./follow-log.ts";
import { watch } from "./watch.ts";
import type { Schedule } from "./watch-schedule.ts";
import { DAILY_SCHEDULE, evenSchedule, FIRST_DAY_SCHEDULE } from "./watch-schedule.ts";

const MAX_MB = 100_000_000;

export const watchCommand = command({
  about:
    "Watches a running server at the intervals of the deployment guide (the first hour, until the fourth, until the day is " +
    "over): its health, its worker and its uploads, what waits in quarantine, the size of the database against that at the " +
    "deployment, the words and the errors in its log, and whether the rows agree. A line a check. The first breach ends it " +
    "with exit code 1 and what to do; an interruption ends it with a summary and exit code 4.",
  options: {
    schedule: {
      value: "WORD",
      about: "guide (24 hours, the default), or daily (from the second day on, until it is stopped)",
      words: ["guide", "daily"],
    },
    every: { value: "T", about: "an interval of one's own, such as 30s; with --for", parse: duration },
    for: { value: "T", about: "how long to watch at that interval, such as 10m", parse: duration },
    log: { value: "FILE", about: "the server's log to follow; - is standard input" },
    "baseline-mb": {
      value: "N",
      about: "the size of the database at the deployment; default: that of the first look",
      parse: wholeNumber(0, MAX_MB),
    },
    "max-growth-mb": {
      value: "N",
      about: "growth that is expected; default: a tenth of the limit",
      parse: wholeNumber(0, MAX_MB),
    },
    "max-queue-age": { value: "T", about: "how long an upload may wait; default 15m", parse: duration },
    "max-error-percent": {
      value: "N",
      about: "requests that may fail with 5xx; default 0",
      parse: wholeNumber(0, 100),
    },
    "without-database": { about: "do not look at the rows, though a database is named" },
  },
  values: "URL",
  examples: [
    "watch https://ledger.example.com --log server.log",
    "watch http://localhost:3001 --every 30s --for 10m --json",
  ],

  async run(input, surroundings, values) {
    const server = serverIn(values);
    if (server === undefined) throw usage("watch needs the URL of a running server.");
    const schedule = scheduleIn(input.schedule, input.every, input.for);
    const { maxQueueAge: queueAgeMs } = input;
    const log = await logIn(input.log);
    const interruption = surroundings.interruption();
    try {
      const report = await watch(surroundings, {
        server,
        schedule,
        log,
        databaseUrl: databaseIn(surroundings, input.withoutDatabase),
        baselineMb: input.baselineMb,
        maxGrowthMb: input.maxGrowthMb,
        maxQueueAgeSeconds: queueAgeMs === undefined ? undefined : queueAgeMs / 1_000,
        maxErrorsPercent: input.maxErrorPercent,
        signal: interruption,
      });
      const isStopped = interruption.aborted && report.checks.every(({ ok }) => ok);
      return isStopped ? interruptedResult(report) : resultIn(report, schedule, surroundings.program);
    } finally {
      await log?.close();
    }
  },
});

function scheduleIn(
  word: "guide" | "daily" | undefined,
  every: number | undefined,
  total: number | undefined,
): Schedule {
  if (every === undefined && total === undefined)
    return word === "daily" ? DAILY_SCHEDULE : FIRST_DAY_SCHEDULE;
  if (every === undefined || total === undefined) throw usage("--every and --for go together.");
  if (word !== undefined) throw usage("Either --schedule, or --every and --for.");
  return evenSchedule(every, total);
}

/** The log that an option names; `-` is standard input. Throws unreachable for a file that cannot be read. */
export async function logIn(path: string | undefined): Promise<Log | undefined> {
  if (path === undefined) return undefined;
  if (path === "-") return followStream(process.stdin);
  try {
    await access(path, constants.R_OK);
    return await followFile(path);
  } catch (error) {
    throw fileFailure(error) ?? error;
  }
}

function databaseIn({ env, progress, program }: Surroundings, isLeftOut: boolean): string | undefined {
  const isNamed = [env.DIRECT_DATABASE_URL, env.DATABASE_URL].some((url) => (url ?? "").trim() !== "");
  if (isNamed && !isLeftOut) return ownerUrl(env);
  progress(`The rows are not looked at: no database. ${program} verify does it once.`);
  return undefined;
}

function resultIn(report: CheckResult, schedule: Schedule, program: string): Result {
  const { text, ...result } = resultOf(report);
  const again = "The watch has ended; start it again after the repair.";
  if (!report.ok) return { ...result, text: [...text, again] };
  const next = schedule === FIRST_DAY_SCHEDULE ? [`From now on: ${program} watch URL --schedule daily`] : [];
  return { ...result, text: [...text, ...next] };
}

function interruptedResult({ ok, checks, exitCode }: CheckResult): Result {
  const held = `Interrupted; ${checks.length} checks held until then.`;
  const unfinished = ok ? [] : ["The schedule was not watched to its end: start it again."];
  return { document: { ok, checks }, text: [held, ...unfinished], exitCode };
}
