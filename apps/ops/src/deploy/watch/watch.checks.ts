import { WARNING_SHARE } from "@call-ledger/contract/health";
import { faultNamed } from "@call-ledger/db/errors";
import type { Check, Finding } from "../checks/check.ts";
import type { HealthAnswer } from "../server/ask-health.ts";
import { awayIn, SLOWEST_HEALTH_MS } from "../server/server.checks.ts";
import type { LogTally } from "./log-tally.ts";
import type { Look } from "./watch-schedule.ts";
import type { Answers } from "./watched-server.ts";

/** What a watch sees at one moment, and what it saw first. */
export type WatchInputs = {
  /** Of the server's /health. Throws unreachable where nothing answers. */
  answers(): Promise<Answers>;
  /** Megabytes at the deployment; `null`: those of the first look. */
  readonly baselineMb: number | null;
  /** Megabytes; `null`: a tenth of the limit. */
  readonly maxGrowthMb: number | null;
  readonly maxQueueAgeSeconds: number;
  /** Percent of the requests. */
  readonly maxErrorsPercent: number;
  readonly log: LogTally;
  readonly program: string;
};

const SCENARIO_1 =
  "Scenario 1 of the deployment guide: deploy the release before this one again; the schema may stay as it is.";
const SCENARIO_2 =
  "Scenario 2 of the deployment guide: a constraint refuses what the code writes; deploy the release before, then mend.";

/** What is not known is said, and is no breach: a server shows it only to whoever has its token. */
const NOT_SHOWN = "not looked at: the server shows that only with its METRICS_TOKEN, set it here";

const HEALTH_CHECKS: readonly Check<WatchInputs>[] = [
  {
    id: "health",
    expected: `200 in less than ${SLOWEST_HEALTH_MS} ms, the database takes writes, the storage is there`,
    look: async (inputs) => healthFinding((await inputs.answers()).now),
  },
  {
    id: "background_work",
    expected: "a worker's heartbeat within a minute, no upload that waits too long, none more given up",
    look: async (inputs) => backgroundFinding(await inputs.answers(), inputs),
  },
  {
    id: "webhooks",
    expected: "no delivery more in quarantine than at the start",
    look: async (inputs) => webhooksFinding(await inputs.answers(), inputs.program),
  },
];

const SIZE_CHECKS: readonly Check<WatchInputs>[] = [
  {
    id: "database_size",
    expected: "the size at the deployment, and little more; less than 80 % of the limit",
    look: async (inputs) => sizeFinding(await inputs.answers(), inputs),
  },
];

const LOG_CHECKS: readonly Check<WatchInputs>[] = [
  {
    id: "log_alarms",
    expected: "none of the words that the guide looks for",
    look: async ({ log }) => alarmFinding(log),
  },
  {
    id: "server_errors",
    expected: "no request answered with 500 or more, or no more of them than are allowed",
    look: async ({ log, maxErrorsPercent }) => errorFinding(log, maxErrorsPercent),
  },
];

/** What is asked at which look; the rows in the database have checks of their own. */
export const WATCH_CHECKS: Readonly<Record<Exclude<Look, "data">, readonly Check<WatchInputs>[]>> = {
  health: HEALTH_CHECKS,
  size: SIZE_CHECKS,
  logs: LOG_CHECKS,
};

function healthFinding({ httpStatus, ms, health, fault }: HealthAnswer): Finding {
  const away = awayIn(health, ["database", "supabase"]);
  const version = health?.version ?? null;
  const said = fault ?? (away.length === 0 ? "services there" : `false: ${away.join(", ")}`);
  return {
    ok: httpStatus === 200 && fault === null && away.length === 0 && ms < SLOWEST_HEALTH_MS,
    found: `${httpStatus} in ${ms} ms, ${said}${version === null ? "" : `, version ${version}`}`,
    next:
      faultNamed(health?.database_fault ?? null)?.next ??
      `Look at the server's log and at the database. ${SCENARIO_1}`,
  };
}

function backgroundFinding({ now, first }: Answers, { maxQueueAgeSeconds, program }: WatchInputs): Finding {
  const isAlive = now.health?.services.backgroundJobs === true;
  if (isAlive && now.health?.queue === null) return { ok: true, found: `heartbeat; uploads ${NOT_SHOWN}` };
  const age = now.health?.queue?.oldest_age_seconds ?? null;
  const more = (now.health?.queue?.dead ?? 0) - (first.health?.queue?.dead ?? 0);
  return {
    ok: isAlive && (age ?? 0) <= maxQueueAgeSeconds && more <= 0,
    found: `${isAlive ? "heartbeat" : "no heartbeat"}, oldest upload ${age === null ? "none" : `${age} s`}, given up ${now.health?.queue?.dead ?? "unknown"}`,
    next: isAlive
      ? `${program} recordings list says what waits or was given up, and why.`
      : "Start the worker, or set WORKER=inline; what waits is kept meanwhile.",
  };
}

function webhooksFinding({ now, first }: Answers, program: string): Finding {
  if (now.health?.services.database === true && now.health.quarantined === null) {
    return { ok: true, found: `quarantine ${NOT_SHOWN}` };
  }
  const [held, before] = [now.health?.quarantined ?? null, first.health?.quarantined ?? null];
  return {
    ok: held !== null && held <= (before ?? 0),
    found: `last event ${now.health?.last_event_at ?? "never"}, quarantined ${held ?? "unknown"} (${before ?? "unknown"} at the start)`,
    next: `${program} quarantine list says why; after a repair: ${program} quarantine replay --all`,
  };
}

function sizeFinding({ now, first }: Answers, { baselineMb, maxGrowthMb }: WatchInputs): Finding {
  const size = now.health?.database_size_mb ?? null;
  const limit = now.health?.storage?.limit_mb ?? null;
  const start = baselineMb ?? first.health?.database_size_mb ?? null;
  if (size === null || start === null) {
    return { ok: false, found: "the server does not say", next: `Look at the database. ${SCENARIO_1}` };
  }
  const grown = Math.round((size - start) * 10) / 10;
  const max = maxGrowthMb ?? (limit ?? Number.POSITIVE_INFINITY) / 10;
  const hasRoom = limit === null || size < limit * WARNING_SHARE;
  return {
    ok: grown <= max && hasRoom,
    found: `${size} MB of ${limit ?? "?"}, ${grown} more than at the deployment`,
    next: hasRoom
      ? "Find out what grows (pg_total_relation_size by table) before it fills the database; --max-growth-mb sets how much is expected."
      : "Make room: shorten PAYLOAD_RETENTION_DAYS, or take a larger database and raise DATABASE_LIMIT_MB.",
  };
}

function alarmFinding({ lines, alarms, firstAlarm }: LogTally): Finding {
  if (firstAlarm === null) return { ok: true, found: `${lines} lines, none of them` };
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
