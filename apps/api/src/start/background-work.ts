import type { Config } from "@call-ledger/config";
import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import type { Log } from "@call-ledger/process";
import { errorFields, repeating } from "@call-ledger/process";
import type { ObjectStorage } from "@call-ledger/storage";

const STORAGE_PROBE_MS = 15_000;
const NOTIFY_DEADLINE_MS = 2_000;
const ALERT_CONNECTIONS = 2;
const ALERT_DEADLINE_MS = 5_000;
const ALERT_CLOSING_MS = 1_000;
const RIGHTS_DEADLINE_MS = 2_000;

/** The recordings' side of this process: a worker in it, or what it needs to know of one elsewhere. */
export type BackgroundWork = {
  begin(): void;
  /** Recordings may have been queued, and committed. */
  queued(): void;
  /** Whether recordings could be stored when last asked. */
  storageReachable(): boolean;
  /** What a worker in this process did so far, by verdict; `null`: there is none here. */
  uploads(): Readonly<Record<string, number>> | null;
  stop(graceMs: number): Promise<void>;
};

const TOO_MANY_RIGHTS =
  "WORKER is off, and the login of DATABASE_URL has the worker's rights, which serve alarms alone here: `ops db login --for api` gives a login without them";

type Running = Omit<BackgroundWork, "begin">;

/** With WORKER=inline the worker runs here, with off another process has it and is told. Nothing is loaded before `begin`. */
export function backgroundWork(config: Config, databaseUrl: string, pool: Pool, log: Log): BackgroundWork {
  let running: Running | null = null;
  let starting: Promise<void> = Promise.resolve();
  return {
    begin() {
      const start = config.WORKER === "inline" ? inlineWorker : workerElsewhere;
      starting = start(config, databaseUrl, pool, log).then(
        (started) => {
          running = started;
        },
        (error: unknown) => {
          const why = error instanceof Error && error.name === "SettingsRefused" ? error.message : undefined;
          log.warn({ ...errorFields(error), why }, "Recordings are not kept: background work cannot start");
        },
      );
    },
    queued: () => running?.queued(),
    storageReachable: () => running?.storageReachable() ?? false,
    uploads: () => running?.uploads() ?? null,
    async stop(graceMs) {
      await starting;
      await running?.stop(graceMs);
    },
  };
}

async function inlineWorker(config: Config, databaseUrl: string, _pool: Pool, log: Log): Promise<Running> {
  const { startWorker } = await import("@call-ledger/worker/start");
  const worker = startWorker({ config, databaseUrl, log });
  return { ...worker, queued: worker.wake };
}

async function workerElsewhere(config: Config, url: string, pool: Pool, log: Log): Promise<Running> {
  const { recordingStorage } = await import("@call-ledger/storage");
  const { isWorkersLogin, wakeWorkers } = await import("@call-ledger/db/jobs");
  if (await isWorkersLogin(pool, RIGHTS_DEADLINE_MS).catch(() => false)) log.warn({}, TOO_MANY_RIGHTS);
  const storage = recordingStorage(config);
  // A worker cannot tell that all of them are silent.
  const alerts = await alertsHere(config, url, storage, log);
  let reachable = false;
  const probing = repeating(async () => {
    reachable = await storage.reachable();
    return STORAGE_PROBE_MS;
  });
  return {
    // A worker that is not told looks by itself.
    queued: () => void wakeWorkers(pool, NOTIFY_DEADLINE_MS).catch(() => undefined),
    storageReachable: () => reachable,
    uploads: () => null,
    async stop(graceMs) {
      // A probe that is under way may take longer than the grace.
      void probing.stop();
      await alerts?.stop(graceMs);
    },
  };
}

/** `null`: the login of this process may not do a worker's work. */
async function alertsHere(config: Config, url: string, storage: ObjectStorage, log: Log) {
  const { startAlerts } = await import("@call-ledger/worker/alerts");
  const { workerSession } = await import("@call-ledger/db/jobs");
  const pool = openPool(url, { max: ALERT_CONNECTIONS, name: "call-ledger alerts" });
  const session = workerSession(pool, ALERT_DEADLINE_MS);
  const mayWork = await session
    .run((sql) => sql.unsafe("select 1"))
    .then(
      () => true,
      () => false,
    );
  if (!mayWork) {
    await pool.close(0);
    log.info({}, "Alarms are looked at by workers alone: the login of this process is not theirs");
    return null;
  }
  const alerts = startAlerts({ config, databaseUrl: url, log, session, storage });
  return {
    async stop(graceMs: number) {
      await alerts.stop(graceMs);
      await pool.close(ALERT_CLOSING_MS);
    },
  };
}
