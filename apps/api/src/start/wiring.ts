import { randomUUID } from "node:crypto";
import type { RequestListener } from "node:http";
import { fileURLToPath } from "node:url";
import type { Config } from "@call-ledger/config";
import { HOST_RULE } from "@call-ledger/config";
import type { ChannelSettings } from "@call-ledger/contract/alerts";
import { keysWithoutScope, openAdministration } from "@call-ledger/db/access";
import type { Pool } from "@call-ledger/db/client";
import { behindPooler, openPool } from "@call-ledger/db/client";
import { openReader, readCallChanges, readLapsedCredentials } from "@call-ledger/db/read";
import { readLedgerStatus } from "@call-ledger/db/status";
import type { Transport } from "@call-ledger/db/write";
import { replayWaiting } from "@call-ledger/db/write";
import { channelsNamed } from "@call-ledger/domain";
import type { AccountBudget, DeliveryReader, IngestPorts } from "@call-ledger/ingest";
import { accountBudget, bookingOver, deliveryReader, sweepWaiting } from "@call-ledger/ingest";
import type { Log, Repeating } from "@call-ledger/process";
import { createAlert } from "@call-ledger/process";
import { serverFault } from "@call-ledger/worker/alert-servers";
import { readBuiltConsole } from "../console/built-console.ts";
import type { ConsolePorts } from "../console/console.route.ts";
import { contactDatabase } from "../health/database-contact.ts";
import { databaseRoom } from "../health/database-room.ts";
import { ledgerHealth, STATUS_DEADLINE_MS } from "../health/ledger-health.ts";
import type { Readiness } from "../health/readiness.ts";
import { notReadyYet } from "../health/readiness.ts";
import { ownHealthStatus } from "../health/self-check.ts";
import type { ParserErrorPorts } from "../http/parser-errors.ts";
import { requestBodies } from "../http/request-body.ts";
import { observation } from "../observability/observation.ts";
import { deliveryFeed } from "../rest/operator/delivery-feed.ts";
import { restApi } from "../rest/rest-api.ts";
import type { CallStreams } from "../rest/stream/call-streams.ts";
import { callStreams } from "../rest/stream/call-streams.ts";
import { receivingAccounts } from "../webhooks/receiving-accounts.ts";
import { createApp } from "./app.ts";
import { backgroundWork } from "./background-work.ts";
import type { CountedDeliveries } from "./counted-deliveries.ts";
import { countedDeliveries } from "./counted-deliveries.ts";
import { processReadings } from "./process-readings.ts";

const MEGABYTE = 1024 * 1024;
const WRITE_CONNECTIONS = 5;
const HEAVY_WRITE_CONNECTIONS = 1;
const READ_CONNECTIONS = 3;
const READER_CONNECTIONS = 4;
const STREAM_DEADLINE_MS = 2_000;
const ADMINISTRATION_CONNECTIONS = 2;
/** The console beside the built api (`tooling/build`). The api that runs from its sources needs CONSOLE_PATH. */
const BUILT_CONSOLE = fileURLToPath(new URL("../../console", import.meta.url));
/** `max` is a number of calls. */
const SWEEP = { max: 100, deadlineMs: 4_000 };

export type Wired = {
  readonly app: RequestListener;
  /** Ports of the answers to requests that the HTTP parser refuses. */
  readonly parserErrors: ParserErrorPorts;
  readonly readiness: Readiness;
  /** Begins the work in the background, when the server listens on `port`. */
  begin(port: number): void;
  /** Ends the background work and the pools, within about `graceMs`. */
  end(graceMs: number): Promise<void>;
};

/** Puts the parts of the process together. No connection is made before `begin` or the first delivery. */
export function wire(config: Config, databaseUrl: string, log: Log): Wired {
  const opened = openPools(databaseUrl);
  const { deliveries, reads, probes, background } = opened;
  let transport: Transport = "literal";
  let listensOn = config.PORT;
  const readiness = notReadyYet();
  const limitMb = config.DATABASE_LIMIT_MB;
  const work = backgroundWork(config, databaseUrl, background, log);
  const health = ledgerHealth({ probes, reads }, config, work.storageReachable);
  const observed = observation(config, log);
  const feed = deliveryFeed(Date.now);
  const counted = countedDeliveries(background, observed.finished);
  const channels = channelsNamed(config.RECORDING_CHANNELS);
  const streams = streamsOver(opened, readiness, log);
  const booking = bookingOver({
    pool: deliveries,
    heavyPool: opened.heavyDeliveries,
    transport: () => transport,
    keepsPayloads: databaseRoom(health.status, limitMb, log),
    channels,
    queued: work.queued,
    wrote: fanOut(health.wrote, observed.wrote, streams.changed),
  });
  const bodies = requestBodies(config.BODY_LIMIT_MB * MEGABYTE);
  const reader = deliveryReader(channels, config.BODY_LIMIT_MB);
  const parts = { bodies, feed, health, work, streams, booking, observed, deliveryReader: reader };
  const app = createApp({
    ingest: { ...ingestSettings(config, reader), accountOf: receivingAccounts(config, reads, log), booking },
    ...restApi(config, { ...opened, ...parts, ...outwardRules(config), port: () => listensOn }),
    health: { answer: health.answer, readiness, token: config.METRICS_TOKEN },
    metrics: observed.metrics,
    console: consoleOf(config),
    finished: fanOut(counted.finished, feed.finished),
    bodies,
    publicUrl: config.PUBLIC_URL,
    log,
    alert: createAlert(log),
    newRequestId: randomUUID,
  });

  const greet = async (port: number): Promise<boolean> => {
    const pooled = await behindPooler(deliveries, STATUS_DEADLINE_MS).catch(() => null);
    if (pooled === null) return false;
    transport = pooled ? "literal" : "prepared";
    if (!(await answersItself(port, config, log))) return false;
    log.info({ transport }, "Database connectivity confirmed");
    work.begin();
    return true;
  };
  const running: Repeating[] = [];
  return {
    app,
    parserErrors: { log, newId: randomUUID, malformed: observed.malformed },
    readiness,
    begin(port) {
      listensOn = port;
      counted.begin();
      observed.begin(processReadings({ health, booking, bodies, work, pools: poolsOf(opened), limitMb }));
      running.push(
        contactDatabase({
          readStatus: () => readLedgerStatus(background, STATUS_DEADLINE_MS),
          incompatibility: health.incompatibility,
          unwritable: health.unwritable,
          greet: () => greet(port),
          readiness,
          log,
        }),
        sweepWaiting(async () => (readiness.contacted ? replayWaiting(background, SWEEP) : 0), log),
      );
    },
    end(graceMs) {
      streams.stop();
      return endAll({ parts: [work, observed], running, counted, pools: poolsOf(opened) }, graceMs);
    },
  };
}

async function answersItself(port: number, { LISTEN_HOST }: Config, log: Log): Promise<boolean> {
  if ((await ownHealthStatus(port, LISTEN_HOST)) !== 200) return false;
  log.info({}, "Health check endpoint verified");
  return true;
}

/** The allowed hosts of recordings, and the allowed servers of alarm channels. */
function outwardRules({ ALERT_HOSTS }: Config) {
  const alertServerFault = (settings: ChannelSettings) => serverFault(settings, ALERT_HOSTS);
  return { hostRule: HOST_RULE, alertServerFault };
}

type Ending = {
  readonly parts: readonly { stop(graceMs: number): Promise<void> }[];
  readonly running: readonly Repeating[];
  readonly counted: CountedDeliveries;
  readonly pools: readonly Pool[];
};

async function endAll({ parts, running, counted, pools }: Ending, graceMs: number): Promise<void> {
  const stopped = Promise.all([
    ...parts.map((part) => part.stop(graceMs)),
    ...running.map((one) => one.stop()),
  ]);
  await counted.stop();
  await Promise.all(pools.map((pool) => pool.close(graceMs)));
  await stopped;
}

function poolsOf({ reader, administration, ...pools }: ReturnType<typeof openPools>): readonly Pool[] {
  return [...Object.values(pools), reader.pool, administration.pool];
}

function consoleOf({ CONSOLE_PATH, STORAGE_DRIVER, S3_ENDPOINT }: Config): ConsolePorts {
  const bucket = STORAGE_DRIVER === "s3" ? S3_ENDPOINT : null;
  return {
    built: readBuiltConsole(CONSOLE_PATH ?? BUILT_CONSOLE),
    mediaOrigin: bucket === null ? null : new URL(bucket).origin,
  };
}

function fanOut<T>(...listeners: readonly ((event: T) => void)[]): (event: T) => void {
  return (event) => {
    for (const listener of listeners) listener(event);
  };
}

function ingestSettings(config: Config, reader: DeliveryReader): Omit<IngestPorts, "accountOf" | "booking"> {
  return {
    reader,
    budget: budgetWithin(config.DATABASE_LIMIT_MB),
    now: Date.now,
    toleranceMs: config.WEBHOOK_TOLERANCE_SECONDS * 1_000,
  };
}

/** The streams of this process. They end when the process begins to stop. */
function streamsOver(
  { reads, administration }: Pick<ReturnType<typeof openPools>, "reads" | "administration">,
  readiness: Readiness,
  log: Log,
): CallStreams {
  return callStreams({
    changesSince: (question) => readCallChanges(reads, question, STREAM_DEADLINE_MS),
    lapsed: async (ids) => [
      ...(await readLapsedCredentials(reads, ids, STREAM_DEADLINE_MS)),
      ...(await administration.asOperator((db) => keysWithoutScope(db, ids, "calls:read"))),
    ],
    isStopping: () => readiness.stopping,
    log,
  });
}

/** An account may send a tenth of the database's limit in a minute, and a tenth into quarantine in ten minutes. */
function budgetWithin(limitMb: number): AccountBudget {
  const bytes = (limitMb * MEGABYTE) / 10;
  return accountBudget({ bytesPerMinute: bytes, quarantinedBytes: bytes }, () => performance.now());
}

/** One pool for each purpose, so that no purpose waits for another. */
function openPools(databaseUrl: string) {
  return {
    deliveries: openPool(databaseUrl, {
      max: WRITE_CONNECTIONS,
      name: "call-ledger deliveries",
      prepare: true,
    }),
    heavyDeliveries: openPool(databaseUrl, {
      max: HEAVY_WRITE_CONNECTIONS,
      name: "call-ledger heavy deliveries",
      prepare: true,
    }),
    reader: openReader(databaseUrl, { max: READER_CONNECTIONS, name: "call-ledger api" }),
    reads: openPool(databaseUrl, { max: READ_CONNECTIONS, name: "call-ledger reads" }),
    administration: openAdministration(databaseUrl, {
      max: ADMINISTRATION_CONNECTIONS,
      name: "call-ledger people",
    }),
    probes: openPool(databaseUrl, { max: 1, name: "call-ledger health" }),
    background: openPool(databaseUrl, { max: 1, name: "call-ledger background" }),
  };
}
