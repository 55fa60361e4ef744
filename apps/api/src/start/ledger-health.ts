import type { Pool } from "@call-ledger/db/client";
import type { LedgerStatus } from "@call-ledger/db/read";
import { readLedgerStatus } from "@call-ledger/db/read";
import manifest from "../../package.json" with { type: "json" };
import { probeDatabase } from "../health/database-probe.ts";
import { growthMbPerDay } from "../health/growth.ts";
import type { HealthReport } from "../health/health-report.ts";
import { healthReport } from "../health/health-report.ts";

/** `/health` answers within 500 ms: as much again is left for a busy machine and the way there and back. */
const PATIENCE_MS = 250;
export const STATUS_DEADLINE_MS = 3_000;

export type LedgerHealth = {
  report(): Promise<HealthReport>;
  /** Why this release must not run on the schema, `null` when it may. */
  incompatibility(status: LedgerStatus): Promise<string | null>;
};

/** The health of a ledger as this process sees it, through a pool of its own: deliveries do not wait for it, nor it for them. */
export function ledgerHealth(pool: Pool, limitMb: number, storageReachable: () => boolean): LedgerHealth {
  const probe = probeDatabase(() => readLedgerStatus(pool, STATUS_DEADLINE_MS), PATIENCE_MS);
  let migrations: readonly string[] = [];
  return {
    async report() {
      const ledger = await probe();
      return healthReport({
        ledger,
        storageReachable: storageReachable(),
        limitMb,
        growthMbPerDay: ledger === null ? null : growthMbPerDay(ledger),
        migrations,
        version: manifest.version,
        now: new Date(),
        uptimeSeconds: process.uptime(),
      });
    },
    async incompatibility({ migration, oldestCode }) {
      // Not needed by the first request, and slow to load.
      const schema = await import("@call-ledger/db/compatibility");
      migrations = schema.knownMigrations();
      return schema.incompatibility({ version: migration, oldestCode }, migrations.length);
    },
  };
}
