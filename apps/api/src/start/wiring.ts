import { randomBytes, randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import type { Config } from "@call-ledger/config";
import { behindPooler, openPool } from "@call-ledger/db/client";
import { readLedgerStatus } from "@call-ledger/db/read";
import type { Transport } from "@call-ledger/db/write";
import { replayWaiting } from "@call-ledger/db/write";
import { channelsNamed } from "@call-ledger/domain";
import { providerFor } from "@call-ledger/providers";
import type { Readiness } from "../health/readiness.ts";
import { notReadyYet } from "../health/readiness.ts";
import { createApp } from "../http/app.ts";
import { createAlert } from "../log/alert.ts";
import type { Log } from "../log/log.ts";
import { backgroundWork } from "./background-work.ts";
import { bookingOver } from "./booking.ts";
import { contactDatabase } from "./database-contact.ts";
import { ledgerHealth, STATUS_DEADLINE_MS } from "./ledger-health.ts";
import { platformAccounts } from "./platform-accounts.ts";
import type { Repeating } from "./repeating.ts";
import { ownHealthStatus } from "./self-check.ts";
import { sweepWaiting } from "./sweep.ts";

const MEGABYTE = 1024 * 1024;
const WRITE_CONNECTIONS = 6;
const LOOK_UP_CONNECTIONS = 2;
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
  const lookUps = openPool(databaseUrl, {
    max: LOOK_UP_CONNECTIONS,
    name: "call-ledger look-ups",
    prepare: true,
    readOnly: true,
  });
  const probes = openPool(databaseUrl, { max: 1, name: "call-ledger health" });
  const background = openPool(databaseUrl, { max: 1, name: "call-ledger background" });
  let transport: Transport = "literal";

  const readiness = notReadyYet();
  const work = backgroundWork(config, databaseUrl, background, log);
  const { report, incompatibility } = ledgerHealth(probes, config.DATABASE_LIMIT_MB, work.storageReachable);
  const app = createApp({
    ingest: {
      adapterOf: providerFor,
      accountOf: platformAccounts(config),
      decoy: { secrets: [randomBytes(32).toString("hex")], mode: "any", hmacPlan: null },
      book: bookingOver({
        pool: deliveries,
        lookUps,
        transport: () => transport,
        channels: channelsNamed(config.RECORDING_CHANNELS),
        queued: work.queued,
      }),
      now: Date.now,
    },
    health: { report, readiness },
    bodyLimitBytes: config.BODY_LIMIT_MB * MEGABYTE,
    log,
    alert: createAlert(log),
    newRequestId: randomUUID,
  });

  const greet = async (port: number): Promise<boolean> => {
    const pooled = await behindPooler(deliveries, STATUS_DEADLINE_MS).catch(() => null);
    if (pooled === null) return false;
    transport = pooled ? "literal" : "prepared";
    if ((await ownHealthStatus(port)) !== 200) return false;
    log.info({}, "Health check endpoint verified");
    log.info({ transport }, "Database connectivity confirmed");
    work.begin();
    return true;
  };
  const replay = () => replayWaiting(background, { most: SWEPT_CALLS, deadlineMs: SWEEP_DEADLINE_MS });
  const running: Repeating[] = [];
  return {
    app,
    readiness,
    begin(port) {
      const readStatus = () => readLedgerStatus(background, STATUS_DEADLINE_MS);
      running.push(
        contactDatabase({ readStatus, incompatibility, greet: () => greet(port), readiness, log }),
        sweepWaiting(async () => (readiness.contacted ? replay() : 0), log),
      );
    },
    async end(graceMs) {
      const stopped = Promise.all([work.stop(graceMs), ...running.map((one) => one.stop())]);
      await Promise.all([deliveries, lookUps, probes, background].map((pool) => pool.close(graceMs)));
      await stopped;
    },
  };
}
