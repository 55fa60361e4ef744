import type { Config } from "@call-ledger/config";
import type { HealthStatus } from "@call-ledger/contract/health";
import type { Pool } from "@call-ledger/db/client";
import type { LedgerStatus, RecordingStates } from "@call-ledger/db/read";
import { readLedgerStatus, readRecordingStates } from "@call-ledger/db/read";
import manifest from "../../package.json" with { type: "json" };
import { probeDatabase } from "./database-probe.ts";
import { growthMbPerDay } from "./growth.ts";
import { healthStatus } from "./health-status.ts";
import { throttled } from "./throttled-probe.ts";

/** `/health` answers within 500 ms: as much again is left for a busy machine and the way there and back. */
const TIMEOUT_MS = 250;
export const STATUS_DEADLINE_MS = 3_000;

export type LedgerHealth = {
  /** `null`: the database does not answer in time. */
  status(): Promise<LedgerStatus | null>;
  /** As they were counted last. */
  recordings(): Promise<RecordingStates | null>;
  readonly version: string;
  report(): Promise<HealthStatus>;
  /** Why this release must not run on the schema, `null` when it may. */
  incompatibility(status: LedgerStatus): Promise<string | null>;
};

export type HealthPools = {
  /** Nobody else's: deliveries do not wait for the health, nor it for them. */
  readonly probes: Pool;
  /** For the count of recordings, which takes the longer the more there are. */
  readonly reads: Pool;
};

/** The health of a ledger as this process sees it. */
export function ledgerHealth(
  { probes, reads }: HealthPools,
  config: Pick<Config, "DATABASE_LIMIT_MB" | "RENDER_GIT_COMMIT">,
  storageReachable: () => boolean,
): LedgerHealth {
  const probe = probeDatabase(() => readLedgerStatus(probes, STATUS_DEADLINE_MS), TIMEOUT_MS);
  const count = throttled(() => readRecordingStates(reads, STATUS_DEADLINE_MS), {
    timeoutMs: TIMEOUT_MS,
    now: () => performance.now(),
  });
  let migrations: readonly string[] = [];
  return {
    status: probe,
    recordings: count,
    version: manifest.version,
    async report() {
      const [ledger, recordings] = await Promise.all([probe(), count()]);
      return healthStatus({
        ledger,
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
      // Not needed by the first request, and slow to load.
      const schema = await import("@call-ledger/db/compatibility");
      migrations = schema.knownMigrations();
      return schema.incompatibility({ version: migration, oldestCode }, migrations.length);
    },
  };
}
