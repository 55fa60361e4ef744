import type { HealthStatus, PublicHealth } from "@call-ledger/contract/health";
import type { DatabaseFault } from "@call-ledger/db/errors";
import type { RecordingStates } from "@call-ledger/db/read";
import type { LedgerStatus } from "@call-ledger/db/status";
import { ALARM_THRESHOLDS, WARNING_SHARE } from "@call-ledger/domain";

/** The facts that decide the answer of `/health`. */
export type HealthFacts = {
  /** `null`: the database does not answer. */
  readonly ledger: LedgerStatus | null;
  /** Why the database cannot be read or written; `null`: it can. */
  readonly databaseFault: DatabaseFault | null;
  /** The last count; `null`: they were never counted. */
  readonly recordings: RecordingStates | null;
  /** Whether recordings can be stored. */
  readonly storageReachable: boolean;
  readonly limitMb: number;
  readonly growthMbPerDay: number | null;
  /** The names of the migrations that this release knows, oldest first. */
  readonly migrations: readonly string[];
  readonly version: string;
  /** The hash of the commit that runs; `null`: the platform does not say it. */
  readonly commit: string | null;
  readonly now: Date;
  readonly uptimeSeconds: number;
};

const CRITICAL_SHARE = 0.96;

/** The full answer of `/health`. */
export function healthStatus(facts: HealthFacts): HealthStatus {
  const { ledger } = facts;
  const services = {
    database: ledger !== null && facts.databaseFault === null,
    supabase: facts.storageReachable,
    backgroundJobs:
      (ledger?.workerAgeSeconds ?? Number.POSITIVE_INFINITY) < ALARM_THRESHOLDS.workerSeconds.closes,
  };
  return {
    status: statusOf(facts, services),
    database_size_mb: ledger?.databaseSizeMb ?? null,
    services,
    database_fault: facts.databaseFault?.name ?? null,
    timestamp: facts.now.toISOString(),
    uptime: Math.floor(facts.uptimeSeconds),
    version: facts.version,
    commit: facts.commit,
    migration:
      ledger === null
        ? null
        : { number: ledger.migration, tag: facts.migrations[ledger.migration - 1] ?? null },
    queue:
      ledger === null
        ? null
        : { depth: ledger.queue.depth, oldest_age_seconds: ledger.queue.oldestAgeSeconds, dead: ledger.dead },
    recordings: ledger === null ? null : facts.recordings,
    storage: storageOf(facts),
    last_event_at: ledger?.lastEventAt?.toISOString() ?? null,
    quarantined: ledger?.quarantined ?? null,
    attention:
      ledger === null
        ? null
        : {
            stuck: ledger.attention.stuck ?? 0,
            missing_report: ledger.attention.missing_report ?? 0,
            no_caller_speech: ledger.attention.no_caller_speech ?? 0,
          },
    housekeeping: ledger === null ? null : { late: ledger.lateJobs },
  };
}

/**
 * The part of the answer that needs no token: whether the service works, which release runs and how full the database
 * is. Counts, queues, times of events and growth change with the calls of an organization, so they are left out.
 */
export function publicHealth(answer: HealthStatus): PublicHealth {
  const { status, database_size_mb, services, database_fault, timestamp, uptime, version, commit, storage } =
    answer;
  return {
    status,
    database_size_mb,
    services,
    database_fault,
    timestamp,
    uptime,
    version,
    commit,
    storage: storage === null ? null : { ...storage, growth_mb_per_day: null, days_left: null },
  };
}

function statusOf(
  { ledger, recordings, limitMb }: HealthFacts,
  services: HealthStatus["services"],
): HealthStatus["status"] {
  if (ledger === null || !services.database || ledger.databaseSizeMb > limitMb * CRITICAL_SHARE)
    return "error";
  const allThere = Object.values(services).every(Boolean);
  const hasRoom = ledger.databaseSizeMb <= limitMb * WARNING_SHARE;
  const isTidy = ledger.dead === 0 && (recordings?.waiting ?? 0) === 0 && ledger.lateJobs.length === 0;
  return allThere && hasRoom && isTidy ? "ok" : "degraded";
}

function storageOf({ ledger, limitMb, growthMbPerDay }: HealthFacts): HealthStatus["storage"] {
  const growth = ledger === null ? null : growthMbPerDay;
  const room = Math.max(0, limitMb - (ledger?.databaseSizeMb ?? 0));
  return {
    limit_mb: limitMb,
    growth_mb_per_day: growth === null ? null : Number(growth.toFixed(2)),
    days_left: growth !== null && growth > 0 ? Math.floor(room / growth) : null,
  };
}
