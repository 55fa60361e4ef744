import type { Pool } from "@call-ledger/db/client";
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

/** As much of a commit as tells it from all others. */
const COMMIT_DIGITS = 12;

export type LedgerHealth = {
  report(): Promise<HealthReport>;
  /** Why this release must not run on the schema, `null` when it may. */
  incompatibility(status: LedgerStatus): Promise<string | null>;
};

/** The health of a ledger as this process sees it, through a pool of its own: deliveries do not wait for it, nor it for them. */
export function ledgerHealth(
  pool: Pool,
  {
    limitMb,
    commit,
    storageReachable,
  }: {
    readonly limitMb: number;
    /** What was deployed; `null`: nobody said. */
    readonly commit: string | null;
    readonly storageReachable: () => boolean;
  },
): LedgerHealth {
  const growth = watchGrowth();
  const probe = probeDatabase(() => readLedgerStatus(pool, STATUS_DEADLINE_MS), PATIENCE_MS);
  const version =
    commit === null ? manifest.version : `${manifest.version}+${commit.slice(0, COMMIT_DIGITS)}`;
  let migrations: readonly string[] = [];
  return {
    async report() {
      const ledger = await probe();
      if (ledger !== null) growth.observe(Date.now(), ledger.databaseSizeMb);
      return healthReport({
        ledger,
        storageReachable: storageReachable(),
        limitMb,
        growthMbPerDay: growth.mbPerDay(),
        migrations,
        version,
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
