import { access, constants, stat } from "node:fs/promises";
import type { Result, Surroundings } from "../../cli/command.ts";
import { command, usage } from "../../cli/command.ts";
import { fileFailure } from "../../cli/file-failure.ts";
import { duration, requiredServer, wholeNumber } from "../../cli/values.ts";
import { ownerUrl } from "../../database/owner-url.ts";
import type { CheckResult } from "../checks/check.ts";
import { checksResult } from "../checks/check-result.ts";
import type { Log } from "./follow-log.ts";
import { followFile, followStream } from "./follow-log.ts";
import { watch } from "./watch.ts";
import type { Schedule } from "./watch-schedule.ts";
import { DAILY_SCHEDULE, evenSchedule, FIRST_DAY_SCHEDULE } from "./watch-schedule.ts";

const MAX_MB = 100_000_000;

export const watchCommand = command({
  about:
    "Watches a running server at the intervals of the deployment guide: its health, its worker and uploads, the " +
    "quarantine, the size of the database, the alert words and errors in its log, and whether the rows agree. The " +
    "first breach ends the watch with exit code 1 and the next step; an interruption ends it with a summary and exit " +
    "code 4.",
  options: {
    schedule: {
      value: "WORD",
      about: "guide (24 hours, the default), or daily (from the second day on, until it is stopped)",
      words: ["guide", "daily"],
    },
    every: { value: "T", about: "another interval, such as 30s; with --for", parse: duration },
    for: { value: "T", about: "the duration of the watch with --every, such as 10m", parse: duration },
    log: { value: "FILE", about: "the server's log; - is standard input" },
    "max-growth-mb": {
      value: "N",
      about: "the expected growth; default: a tenth of the limit",
      parse: wholeNumber(0, MAX_MB),
    },
    "max-error-percent": {
      value: "N",
      about: "the max share of requests that fail with 5xx; default 0",
      parse: wholeNumber(0, 100),
    },
    "without-database": { about: "do not check the rows, even if a database is named" },
  },
  values: "URL",
  examples: [
    "watch https://ledger.example.com --log server.log",
    "watch http://localhost:3001 --every 30s --for 10m --json",
  ],

  async run(input, surroundings, values) {
    const server = requiredServer(values, "watch");
    const schedule = scheduleIn(input.schedule, input.every, input.for);
    await using log = await logIn(input.log);
    const interruption = surroundings.interruption();
    const result = await watch(surroundings, {
      server,
      schedule,
      log,
      databaseUrl: input.withoutDatabase ? undefined : databaseIn(surroundings),
      limits: { maxGrowthMb: input.maxGrowthMb, maxErrorsPercent: input.maxErrorPercent },
      signal: interruption,
    });
    const isStopped = interruption.aborted && result.checks.every(({ ok }) => ok);
    const daily = `${surroundings.program} watch ${server.origin} --schedule daily`;
    return isStopped ? interruptedResult(result) : resultIn(result, schedule, daily);
  },
});

function scheduleIn(
  word: "guide" | "daily" | undefined,
  every: number | undefined,
  total: number | undefined,
): Schedule {
  if (every === undefined && total === undefined)
    return word === "daily" ? DAILY_SCHEDULE : FIRST_DAY_SCHEDULE;
  if (every === undefined || total === undefined) throw usage("Use --every and --for together.");
  if (word !== undefined) throw usage("Use either --schedule, or --every and --for.");
  return evenSchedule(every, total);
}

/** Returns the log that an option names; `-` is standard input. Throws unreachable if the file cannot be read. */
export async function logIn(path: string | undefined): Promise<Log | undefined> {
  if (path === undefined) return undefined;
  if (path === "-") return followStream(process.stdin);
  try {
    await access(path, constants.R_OK);
    if ((await stat(path)).isDirectory()) throw usage(`${path} is a folder. Name the log's file.`);
    return await followFile(path);
  } catch (error) {
    throw fileFailure(error) ?? error;
  }
}

function databaseIn({ env, progress, program }: Surroundings): string | undefined {
  if ([env.DIRECT_DATABASE_URL, env.DATABASE_URL].some((url) => (url ?? "").trim() !== ""))
    return ownerUrl(env);
  progress(`The rows are not checked, because no database is named. ${program} verify checks them once.`);
  return undefined;
}

function resultIn(result: CheckResult, schedule: Schedule, daily: string): Result {
  const next = schedule === FIRST_DAY_SCHEDULE ? [`From now on: ${daily}`] : [];
  const again = ["The watch has ended. Start it again after the repair."];
  return checksResult(result, { after: result.ok ? next : again });
}

function interruptedResult({ ok, checks, exitCode }: CheckResult): Result {
  const held = `Interrupted. ${checks.length} checks passed until then.`;
  const unfinished = ok ? [] : ["The watch did not reach the end of its schedule. Start it again."];
  return { document: { ok, checks }, text: [held, ...unfinished], exitCode };
}
