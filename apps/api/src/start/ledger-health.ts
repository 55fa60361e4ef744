import type { Pool } from "@call-ledger/db/client";
import type { RecordingCounts } from "@call-ledger/db/jobs";
import type { LedgerStatus } from "@call-ledger/db/read";
import { readLedgerStatus } from "@call-ledger/db/read";
import manifest from "../../package.json" with { type: "json" };
import { probeDatabase } from "../health/database-probe.ts";
import { watchGrowth } from "../health/growth.ts";
import type { HealthReport } from "../health/health-report.ts";
import { healthReport } from "../health/health-report.ts";

/** `/health` answers within 500 ms: as much again is left for a busy machine and the way there and back. */
const PATIENCE_MS = 250;
export const STATUS_DEADLINE_MS = 3_000;

export type LedgerHealth = {
  /** `null`: the database does not answer in time. */
  status(): Promise<LedgerStatus | null>;
  recordings(): Promise<RecordingCounts | null>;
  readonly version: string;
  growthMbPerDay(): number | null;
  report(): Promise<HealthReport>;
  /** Why this release must not run on the schema, `null` when it may. */
  incompatibility(status: LedgerStatus): Promise<string | null>;
};

/** The health of a ledger as this process sees it, through a pool of its own: deliveries do not wait for it, nor it for them. */
export function ledgerHealth(pool: Pool, limitMb: number, storageReachable: () => boolean): LedgerHealth {
  const growth = watchGrowth();
  const probe = probeDatabase(() => readLedgerStatus(pool, STATUS_DEADLINE_MS), PATIENCE_MS);
  let migrations: readonly string[] = [];
  return {
    status: probe,
    recordings: probeDatabase(() => recordingCounts(pool), PATIENCE_MS),
    version: manifest.version,
    growthMbPerDay: growth.mbPerDay,
    async report() {
      const ledger = await probe();
      if (ledger !== null) growth.observe(Date.now(), ledger.databaseSizeMb);
      return healthReport({
        ledger,
        storageReachable: storageReachable(),
        limitMb,
        growthMbPerDay: growth.mbPerDay(),
        migrations,
        version: manifest.version,
        now: new Date(),
        uptimeSeconds: process.uptime(),
      });
    },
    async incompatibility({ migration, oldestCode, databaseSizeMb }) {
      growth.observe(Date.now(), databaseSizeMb);
      // Not needed by the first request, and slow to load.
      const schema = await import("@call-ledger/db/compatibility");
      migrations = schema.knownMigrations();
      return schema.incompatibility({ version: migration, oldestCode }, migrations.length);
    },
  };
}

async function recordingCounts(pool: Pool): Promise<RecordingCounts> {
  const { countRecordings, workerSession } = await import("@call-ledger/db/jobs");
  return countRecordings(workerSession(pool, STATUS_DEADLINE_MS));
}
