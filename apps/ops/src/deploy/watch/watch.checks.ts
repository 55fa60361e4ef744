import { faultNamed } from "@call-ledger/db/errors";
import { WARNING_SHARE } from "@call-ledger/domain";
import type { Check, Finding } from "../checks/check.ts";
import type { HealthAnswer } from "../server/ask-health.ts";
import { awayIn, SLOWEST_HEALTH_MS } from "../server/server.checks.ts";
import type { LogTally } from "./log-tally.ts";
import type { Subject } from "./watch-schedule.ts";
import type { Answers } from "./watched-server.ts";

/** What a watch allows. */
export type WatchLimits = {
  /** In megabytes; default: a tenth of the limit. */
  readonly maxGrowthMb?: number | undefined;
  /** The percentage of the requests; default: 0. */
  readonly maxErrorsPercent?: number | undefined;
};

const MAX_QUEUE_AGE_SECONDS = 900;

/** The state of a watch at one moment, and at its first check. */
export type WatchInputs = WatchLimits & {
  /** Returns the answers of the server's /health. Throws unreachable if there is no answer. */
  answers(): Promise<Answers>;
  readonly log: LogTally;
  readonly program: string;
};

const SCENARIO_1 =
  "Scenario 1 of the deployment guide: deploy the previous release again; the schema can stay.";
const SCENARIO_2 =
  "Scenario 2 of the deployment guide: a constraint refuses rows that the code writes; deploy the previous release, then correct the code.";

/** Unknown figures are reported, and are no breach: a server shows them only to a client with its token. */
const NOT_SHOWN = "not checked: the server shows this only with its METRICS_TOKEN; set the variable here";

const HEALTH_CHECKS: readonly Check<WatchInputs>[] = [
  {
    id: "health",
    expected: `200 in less than ${SLOWEST_HEALTH_MS} ms, the database accepts writes, the storage is available`,
    run: async (inputs) => healthFinding((await inputs.answers()).now),
  },
  {
    id: "background_work",
    expected:
      "a worker's heartbeat within a minute, no upload waits too long unless it did at the start, no more are given up",
    run: async (inputs) => backgroundFinding(await inputs.answers(), inputs.program),
  },
  {
    id: "webhooks",
    expected: "not more deliveries in quarantine than at the start",
    run: async (inputs) => webhooksFinding(await inputs.answers(), inputs.program),
  },
];

const SIZE_CHECK: Check<WatchInputs> = {
  id: "database_size",
  expected: "little more than the size at the deployment; less than 80 % of the limit",
  run: async (inputs) => sizeFinding(await inputs.answers(), inputs),
};

const LOG_CHECKS: readonly Check<WatchInputs>[] = [
  {
    id: "log_alarms",
    expected: "none of the words in the guide",
    run: async ({ log }) => alarmFinding(log),
  },
  {
    id: "server_errors",
    expected: "not more requests answered with 500 or more than are allowed",
    run: async ({ log, maxErrorsPercent = 0 }) => errorFinding(log, maxErrorsPercent),
  },
];

/** The checks of each subject. The rows in the database have checks of their own. */
export const WATCH_CHECKS: Readonly<Record<Exclude<Subject, "data">, readonly Check<WatchInputs>[]>> = {
  health: HEALTH_CHECKS,
  size: [SIZE_CHECK],
  logs: LOG_CHECKS,
};

function healthFinding({ httpStatus, ms, health, fault }: HealthAnswer): Finding {
  const away = awayIn(health, ["database", "supabase"]);
  const version = health?.version ?? null;
  const state = fault ?? (away.length === 0 ? "services available" : `false: ${away.join(", ")}`);
  return {
    ok: httpStatus === 200 && fault === null && away.length === 0 && ms < SLOWEST_HEALTH_MS,
    found: `${httpStatus} in ${ms} ms, ${state}${version === null ? "" : `, version ${version}`}`,
    next:
      faultNamed(health?.database_fault ?? null)?.next ??
      `Check the server's log and the database. ${SCENARIO_1}`,
  };
}

function backgroundFinding(answers: Answers, program: string): Finding {
  const { now, start } = answers;
  const isAlive = now.health?.services.backgroundJobs === true;
  if (isAlive && now.health?.queue === null) return { ok: true, found: `heartbeat; uploads ${NOT_SHOWN}` };
  const age = now.health?.queue?.oldest_age_seconds ?? null;
  const isLate = (age ?? 0) > MAX_QUEUE_AGE_SECONDS;
  const wasLate = isLate && wasLateAtStart(answers);
  const more = (now.health?.queue?.dead ?? 0) - (start?.queue?.dead ?? 0);
  const oldest =
    age === null ? "none" : `${age} s${wasLate ? ", which waited too long at the start already" : ""}`;
  return {
    ok: isAlive && (!isLate || wasLate) && more <= 0,
    found: `${isAlive ? "heartbeat" : "no heartbeat"}, oldest upload ${oldest}, given up ${now.health?.queue?.dead ?? "unknown"}`,
    next: isAlive
      ? `${program} recordings list shows the waiting and the given-up recordings with the reasons.`
      : "Start the worker, or set WORKER=inline. Waiting recordings are kept.",
  };
}

/** Returns whether the oldest upload is one that waited too long at the start. */
function wasLateAtStart({ now: { health: now }, start }: Answers): boolean {
  const [age, ageAtStart] = [now?.queue?.oldest_age_seconds ?? 0, start?.queue?.oldest_age_seconds ?? 0];
  if (now === null || start === null || ageAtStart <= MAX_QUEUE_AGE_SECONDS) return false;
  const sinceStart = (Date.parse(now.timestamp) - Date.parse(start.timestamp)) / 1_000;
  return age - sinceStart > MAX_QUEUE_AGE_SECONDS;
}

function webhooksFinding({ now, start }: Answers, program: string): Finding {
  if (now.health?.services.database === true && now.health.quarantined === null) {
    return { ok: true, found: `quarantine ${NOT_SHOWN}` };
  }
  const [held, before] = [now.health?.quarantined ?? null, start?.quarantined ?? null];
  return {
    ok: held !== null && held <= (before ?? 0),
    found: `last event ${now.health?.last_event_at ?? "never"}, quarantined ${held ?? "unknown"} (${before ?? "unknown"} at the start)`,
    next: `${program} quarantine list shows the reasons; after a repair: ${program} quarantine replay --all`,
  };
}

function sizeFinding({ now, first }: Answers, { maxGrowthMb }: WatchInputs): Finding {
  const size = now.health?.database_size_mb ?? null;
  const limit = now.health?.storage?.limit_mb ?? null;
  const start = first.health?.database_size_mb ?? null;
  if (size === null || start === null) {
    return { ok: false, found: "the server does not show it", next: `Check the database. ${SCENARIO_1}` };
  }
  const grown = Math.round((size - start) * 10) / 10;
  const max = maxGrowthMb ?? (limit ?? Number.POSITIVE_INFINITY) / 10;
  const hasRoom = limit === null || size < limit * WARNING_SHARE;
  return {
    ok: grown <= max && hasRoom,
    found: `${size} MB of ${limit ?? "?"}, ${grown} more than at the deployment`,
    next: hasRoom
      ? "Find out which table grows (pg_total_relation_size) before it fills the database. --max-growth-mb sets the expected growth."
      : "Make room: shorten PAYLOAD_RETENTION_DAYS, or use a larger database and raise DATABASE_LIMIT_MB.",
  };
}

function alarmFinding({ lines, alarms, firstAlarm }: LogTally): Finding {
  if (firstAlarm === null) return { ok: true, found: `none of the words in ${lines} lines` };
  const { alarm, time, requestId } = firstAlarm;
  const where = [time, requestId === "" ? "" : `request ${requestId}`]
    .filter((part) => part !== "")
    .join(", ");
  return {
    ok: false,
    found: `${alarms} in ${lines} lines, the first "${alarm}"${where === "" ? "" : ` (${where})`}`,
    next: alarm.includes("onstraint") ? SCENARIO_2 : `Look for that line in the log. ${SCENARIO_1}`,
  };
}

function errorFinding({ requests, errors, firstError }: LogTally, maxPercent: number): Finding {
  const percent = requests === 0 ? 0 : (errors / requests) * 100;
  const where =
    firstError === null ? "" : `, the first at ${firstError.time} (request ${firstError.requestId})`;
  return {
    ok: percent <= maxPercent,
    found: `${errors} of ${requests} requests (${percent.toFixed(1)} %)${where}`,
    next: `Look for that request in the log. ${SCENARIO_1}`,
  };
}
