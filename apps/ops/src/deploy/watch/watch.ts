import { setTimeout as sleep } from "node:timers/promises";
import type { HealthStatus } from "@call-ledger/contract/health";
import { openInspection } from "@call-ledger/db-operator/inspect";
import type { ExitCode, Surroundings } from "../../cli/command.ts";
import { settingsIn } from "../../cli/settings.ts";
import { onDatabase } from "../../database/database-checks.ts";
import type { CheckedItem, CheckResult } from "../checks/check.ts";
import { runChecks } from "../checks/check.ts";
import { answerLines } from "../checks/check-result.ts";
import { metricsToken } from "../server/ask-health.ts";
import { CONSISTENCY_CHECKS } from "../verify/ledger.checks.ts";
import type { Log } from "./follow-log.ts";
import { countLine, emptyTally } from "./log-tally.ts";
import type { WatchInputs, WatchLimits } from "./watch.checks.ts";
import { WATCH_CHECKS } from "./watch.checks.ts";
import type { Moment, Schedule, Subject } from "./watch-schedule.ts";
import { isEndless, moments } from "./watch-schedule.ts";
import { watchedServer } from "./watched-server.ts";

export type WatchOptions = {
  readonly server: URL;
  readonly schedule: Schedule;
  /** Without this the log is not watched. */
  readonly log?: Log | undefined;
  /** The owner's URL. Without it the rows are not checked. */
  readonly databaseUrl?: string | undefined;
  /** The health before the deployment, for queue and quarantine; default: the first answer. */
  readonly before?: HealthStatus | undefined;
  readonly limits?: WatchLimits;
  /** Ends the watch early. */
  readonly signal?: AbortSignal | undefined;
};

const FOLLOW_MS = 1_000;
/** Node fires a longer timer immediately. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Watches a server after its deployment until the schedule ends, a check fails, or the signal comes. Each check is
 * reported as a line of progress. The result has the last answer of each check. Its exit code is 0 if the watch reached
 * the end of its schedule or the schedule has none, 4 if the signal ended it before, else that of the failed check.
 * Throws the errors of reading the log.
 */
export async function watch(surroundings: Surroundings, options: WatchOptions): Promise<CheckResult> {
  const { schedule, signal } = options;
  const watcher = watcherOf(surroundings, options);
  const startedAt = performance.now();
  const sinceStart = () => performance.now() - startedAt;
  for (const { atMs, subjects, followsLog } of withoutMissed(moments(schedule), sinceStart)) {
    let exitCode = await waitUntil(atMs, followsLog);
    if (exitCode === 0 && signal?.aborted !== true) exitCode = await watcher.check(subjects);
    if (exitCode !== 0) return watcher.result(exitCode);
    if (signal?.aborted === true) return watcher.result(isEndless(schedule) ? 0 : 4);
  }
  return watcher.result(0);

  async function waitUntil(atMs: number, followsLog: boolean): Promise<ExitCode> {
    for (let rest = atMs - sinceStart(); rest > 0 && signal?.aborted !== true; rest = atMs - sinceStart()) {
      await pause(Math.min(rest, followsLog ? FOLLOW_MS : MAX_TIMER_MS), signal);
      const exitCode = followsLog ? await watcher.checkLogQuietly() : 0;
      if (exitCode !== 0) return exitCode;
    }
    return 0;
  }
}

/**
 * Skips the moments that a standstill missed, and makes up for them once. `followsLog` is that of the time before the
 * moment.
 */
function* withoutMissed(all: Generator<Moment>, sinceStart: () => number): Generator<Moment> {
  let [subjects, followed] = [new Set<Subject>(), false];
  let next = all.next();
  while (!next.done) {
    const { atMs, followsLog } = next.value;
    for (const subject of next.value.subjects) subjects.add(subject);
    next = all.next();
    if (!next.done && next.value.atMs <= sinceStart()) continue;
    yield { atMs, subjects: [...subjects], followsLog: followed };
    [subjects, followed] = [new Set(), followsLog];
  }
}

function watcherOf(surroundings: Surroundings, options: WatchOptions) {
  const { log, databaseUrl } = options;
  const server = watchedServer(options.server, metricsToken(surroundings.env), options.before ?? null);
  const watched: WatchInputs = {
    answers: server.answers,
    ...options.limits,
    log: emptyTally(),
    program: surroundings.program,
  };
  const last = new Map<string, CheckedItem>();
  const print = (item: CheckedItem) => {
    last.set(item.id, item);
    const [first, ...more] = answerLines(item);
    for (const line of [`${new Date(surroundings.now()).toISOString()}  ${first}`, ...more])
      surroundings.progress(line);
  };
  const printBreach = (item: CheckedItem) => (item.ok ? undefined : print(item));
  const readLog = async () => {
    for (const line of (await log?.newLines()) ?? []) countLine(watched.log, line);
  };
  return {
    async check(subjects: readonly Subject[]): Promise<ExitCode> {
      server.forget();
      await readLog();
      const seen = (["health", "size", "logs"] as const).filter((subject) => subjects.includes(subject));
      const checks = seen.filter((subject) => subject !== "logs" || log !== undefined);
      const { exitCode } = await runChecks(
        checks.flatMap((subject) => WATCH_CHECKS[subject]),
        watched,
        print,
      );
      if (exitCode !== 0 || databaseUrl === undefined || !subjects.includes("data")) return exitCode;
      return (await checkRows(surroundings, databaseUrl, print)).exitCode;
    },
    async checkLogQuietly(): Promise<ExitCode> {
      if (log === undefined) return 0;
      await readLog();
      return (await runChecks(WATCH_CHECKS.logs, watched, printBreach)).exitCode;
    },
    result: (exitCode: ExitCode): CheckResult => ({
      ok: exitCode === 0,
      checks: [...last.values()],
      leftOut: [],
      exitCode,
    }),
  };
}

async function checkRows(surroundings: Surroundings, url: string, print: (item: CheckedItem) => void) {
  await using inspection = openInspection(url);
  const ledger = {
    inspection,
    program: surroundings.program,
    limitMb: settingsIn(surroundings.env, ["DATABASE_LIMIT_MB"]).DATABASE_LIMIT_MB,
  };
  return await runChecks(onDatabase(url, CONSISTENCY_CHECKS), ledger, print);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(ms, undefined, { ...(signal === undefined ? {} : { signal }) }).catch((error: unknown) => {
    if (signal?.aborted !== true) throw error;
  });
}
