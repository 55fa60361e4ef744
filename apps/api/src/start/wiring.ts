import { randomBytes, randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import type { Config } from "@call-ledger/config";
import { behindPooler, openPool } from "@call-ledger/db/client";
import type { LedgerStatus } from "@call-ledger/db/read";
import { readLedgerStatus } from "@call-ledger/db/read";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/schema";
import type { Transport } from "@call-ledger/db/write";
import { replayWaiting } from "@call-ledger/db/write";
import type { Credential } from "@call-ledger/providers";
import { providerFor } from "@call-ledger/providers";
import manifest from "../../package.json" with { type: "json" };
import { probeDatabase } from "../health/database-probe.ts";
import { watchGrowth } from "../health/growth.ts";
import type { HealthReport } from "../health/health-report.ts";
import { healthReport } from "../health/health-report.ts";
import type { Readiness } from "../health/readiness.ts";
import { notReadyYet } from "../health/readiness.ts";
import { createApp } from "../http/app.ts";
import type { ReceivingAccount } from "../ingest/ingest-ports.ts";
import { createAlert } from "../log/alert.ts";
import type { Log } from "../log/log.ts";
import { bookingOver } from "./booking.ts";
import { contactDatabase } from "./database-contact.ts";
import { ownHealthStatus } from "./self-check.ts";
import { sweepWaiting } from "./sweep.ts";

const MEGABYTE = 1024 * 1024;
const WRITE_CONNECTIONS = 6;
/** `/health` answers within 500 ms: as much again is left for a busy machine and the way there and back. */
const HEALTH_PATIENCE_MS = 250;
const STATUS_DEADLINE_MS = 3_000;
const SWEEP_DEADLINE_MS = 4_000;
const SWEPT_CALLS = 100;

export type Wired = {
  readonly app: RequestListener;
  readonly readiness: Readiness;
  /** Begins the work in the background, when the server listens on `port`. */
  begin(port: number): void;
  /** Ends the background work and the pools, within about `graceMs`. */
  end(graceMs: number): Promise<void>;
};

/** Puts the concrete parts together; no connection is made before `begin` or the first delivery. */
export function wire(config: Config, databaseUrl: string, log: Log): Wired {
  const deliveries = openPool(databaseUrl, {
    max: WRITE_CONNECTIONS,
    name: "call-ledger deliveries",
    prepare: true,
  });
  const probes = openPool(databaseUrl, { max: 1, name: "call-ledger health" });
  const background = openPool(databaseUrl, { max: 1, name: "call-ledger background" });
  let transport: Transport = "literal";

  const readiness = notReadyYet();
  const health = healthOf(config, () => readLedgerStatus(probes, STATUS_DEADLINE_MS));
  const app = createApp({
    ingest: {
      adapterOf: providerFor,
      accountOf: accountsOf(config),
      decoy: { secrets: [randomBytes(32).toString("hex")], mode: "any", hmacPlan: null },
      book: bookingOver(deliveries, () => transport),
      now: Date.now,
    },
    health: { report: health.report, readiness },
    bodyLimitBytes: config.BODY_LIMIT_MB * MEGABYTE,
    log,
    alert: createAlert(log),
    newRequestId: randomUUID,
  });

  const greet = async (port: number): Promise<boolean> => {
    try {
      transport = (await behindPooler(deliveries, STATUS_DEADLINE_MS)) ? "literal" : "prepared";
      if ((await ownHealthStatus(port)) !== 200) return false;
    } catch {
      return false;
    }
    log.info({}, "Health check endpoint verified");
    log.info({ transport }, "Database connectivity confirmed");
    return true;
  };
  const running: { stop(): Promise<void> }[] = [];
  return {
    app,
    readiness,
    begin(port) {
      const contact = {
        readStatus: () => readLedgerStatus(background, STATUS_DEADLINE_MS),
        incompatibility: health.incompatibility,
        greet: () => greet(port),
      };
      running.push(contactDatabase({ ...contact, readiness, log }));
      const replay = () => replayWaiting(background, { most: SWEPT_CALLS, deadlineMs: SWEEP_DEADLINE_MS });
      running.push(sweepWaiting(async () => (readiness.contacted ? replay() : 0), log));
    },
    async end(graceMs) {
      const stopped = Promise.all(running.map((one) => one.stop()));
      await Promise.all([deliveries, probes, background].map((pool) => pool.close(graceMs)));
      await stopped;
    },
  };
}

/** The accounts that deliveries are verified against, by provider and the id in the path. */
function accountsOf(config: Config): (provider: string, accountId: string | null) => ReceivingAccount | null {
  const credential: Credential = {
    secrets: config.VAPI_WEBHOOK_SECRET,
    mode: config.VAPI_WEBHOOK_AUTH,
    hmacPlan: null,
  };
  const platform = new Map([["vapi", credential]]);
  return (provider, accountId) => {
    const id = PLATFORM_ACCOUNTS[provider];
    const known = platform.get(provider);
    return accountId === null && id !== undefined && known !== undefined ? { id, credential: known } : null;
  };
}

type Health = {
  report(): Promise<HealthReport>;
  incompatibility(status: LedgerStatus): Promise<string | null>;
};

function healthOf(config: Config, readStatus: () => Promise<LedgerStatus>): Health {
  const growth = watchGrowth();
  let migrations: readonly string[] = [];
  const probe = probeDatabase(readStatus, HEALTH_PATIENCE_MS);
  return {
    async report() {
      const ledger = await probe();
      if (ledger !== null) growth.observe(Date.now(), ledger.databaseSizeMb);
      return healthReport({
        ledger,
        storageReachable: false,
        limitMb: config.DATABASE_LIMIT_MB,
        growthMbPerDay: growth.mbPerDay(),
        migrations,
        version: manifest.version,
        now: new Date(),
        uptimeSeconds: process.uptime(),
      });
    },
    async incompatibility(status) {
      // Not needed by the first request, and slow to load.
      const schema = await import("@call-ledger/db/migrate");
      migrations = schema.knownMigrations();
      growth.observe(Date.now(), status.databaseSizeMb);
      return schema.incompatibility(
        { version: status.migration, oldestCode: status.oldestCode },
        migrations.length,
      );
    },
  };
}
