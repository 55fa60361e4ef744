import type { Config } from "@call-ledger/config";
import type { HealthStatus } from "@call-ledger/contract/health";
import type { Pool } from "@call-ledger/db/client";
import type { DayOfAccount } from "@call-ledger/db/completeness";
import { readDaysOfAccounts } from "@call-ledger/db/completeness";
import type { DatabaseFault } from "@call-ledger/db/errors";
import { databaseFault } from "@call-ledger/db/errors";
import type { RecordingStates } from "@call-ledger/db/read";
import { readRecordingStates } from "@call-ledger/db/read";
import type { LedgerStatus } from "@call-ledger/db/status";
import { readLedgerStatus } from "@call-ledger/db/status";
import type { WriteSeen } from "@call-ledger/ingest";
import manifest from "../../package.json" with { type: "json" };
import { probeDatabase } from "./database-probe.ts";
import { growthMbPerDay } from "./growth.ts";
import { healthStatus } from "./health-status.ts";
import { throttled } from "./throttled-probe.ts";
import type { WriteHealth } from "./write-health.ts";
import { faultOf, writeHealth } from "./write-health.ts";

/** `/health` promises an answer within 500 ms. The other half is for the network and a busy machine. */
const TIMEOUT_MS = 250;
export const STATUS_DEADLINE_MS = 3_000;

/** A page of metrics must stay small. */
const MAX_ACCOUNTS = 100;
/** A week of 100 accounts with 270,000 calls takes up to a second. It is read for at most a twentieth of the time. */
const ACCOUNTS_DEADLINE_MS = 10_000;

export type LedgerHealth = {
  /** `null`: the database does not answer in time. */
  status(): Promise<LedgerStatus | null>;
  /** The last count; `null`: they were never counted. */
  recordings(): Promise<RecordingStates | null>;
  /** The days of the last week of at most 100 accounts; `null`: they were never read. */
  accounts(): Promise<readonly DayOfAccount[] | null>;
  readonly version: string;
  answer(): Promise<HealthStatus>;
  /** Why the database takes no writes; `null`: it takes them, or it is not known yet. */
  readonly unwritable: WriteHealth["fault"];
  /** Takes note of the result of a write of deliveries. */
  wrote(seen: WriteSeen): void;
  /** Why this release must not run on the schema; `null`: it may. */
  incompatibility(status: LedgerStatus): Promise<string | null>;
};

export type HealthPools = {
  /** For the status only, so that it does not wait for deliveries, nor they for it. */
  readonly probes: Pool;
  /**
   * For the counts of recordings and of calls by day, which take longer if there is more to count, and for the
   * write probe.
   */
  readonly reads: Pool;
};

/** The health of the database and of this process. */
export function ledgerHealth(
  { probes, reads }: HealthPools,
  config: Pick<Config, "DATABASE_LIMIT_MB" | "RENDER_GIT_COMMIT">,
  storageReachable: () => boolean,
): LedgerHealth {
  let unread: DatabaseFault | null = null;
  const read = async () => {
    const status = await readLedgerStatus(probes, STATUS_DEADLINE_MS);
    unread = null;
    return status;
  };
  const probe = probeDatabase(read, TIMEOUT_MS, (error) => {
    unread = faultOf(error);
  });
  const writes = writeHealth(reads, TIMEOUT_MS);
  const rarely = { timeoutMs: TIMEOUT_MS, now: () => performance.now() };
  const count = throttled(() => readRecordingStates(reads, STATUS_DEADLINE_MS), rarely);
  const accounts = throttled(() => readDaysOfAccounts(reads, MAX_ACCOUNTS, ACCOUNTS_DEADLINE_MS), rarely);
  let migrations: readonly string[] = [];
  return {
    status: probe,
    recordings: count,
    accounts,
    version: manifest.version,
    unwritable: writes.fault,
    wrote: ({ failure }) => writes.wrote(failure),
    async answer() {
      const [ledger, recordings, unwritten] = await Promise.all([probe(), count(), writes.fault()]);
      return healthStatus({
        ledger,
        databaseFault: ledger === null ? (unread ?? databaseFault("DEADLINE")) : unwritten,
        recordings,
        storageReachable: storageReachable(),
        limitMb: config.DATABASE_LIMIT_MB,
        growthMbPerDay: ledger === null ? null : growthMbPerDay(ledger),
        migrations,
        version: manifest.version,
        commit: config.RENDER_GIT_COMMIT,
        now: new Date(),
        uptimeSeconds: process.uptime(),
      });
    },
    async incompatibility({ migration, oldestCode }) {
      // The module is slow to load, and the first request does not need it.
      const schema = await import("@call-ledger/db/compatibility");
      migrations = schema.knownMigrations();
      return schema.incompatibility({ version: migration, oldestCode }, migrations.length);
    },
  };
}
