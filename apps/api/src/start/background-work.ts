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

/** The background work of this process: a worker in it, or the contact to workers in other processes. */
export type BackgroundWork = {
  begin(): void;
  /** Called after a commit that may have queued recordings. */
  queued(): void;
  /** Whether recordings could be stored at the last check. */
  storageReachable(): boolean;
  /** The number of uploads of a worker in this process, by verdict; `null`: there is no worker in it. */
  uploads(): Readonly<Record<string, number>> | null;
  stop(graceMs: number): Promise<void>;
};

const TOO_MANY_RIGHTS =
  "WORKER is off, but the login of DATABASE_URL has the rights of a worker. This process uses them only for alarms. `ops db login --for api` makes a login without them";

type Running = Omit<BackgroundWork, "begin">;

/**
 * With WORKER=inline a worker runs in this process. With WORKER=off it runs in another process, which this one wakes if
 * recordings are queued. Nothing is loaded before `begin`.
 */
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
  const storage = recordingStorage(config);
  const hasRights = await isWorkersLogin(pool, RIGHTS_DEADLINE_MS).catch(() => false);
  if (hasRights) log.warn({}, TOO_MANY_RIGHTS);
  else log.info({}, "Only workers check alarms: the login of this process lacks their rights");
  // Workers cannot raise the alarm that all workers have stopped, so this process checks the alarms too.
  const alerts = hasRights ? await alertsHere(config, url, storage, log) : null;
  let reachable = false;
  const probing = repeating(async () => {
    reachable = await storage.reachable();
    return STORAGE_PROBE_MS;
  });
  return {
    // A worker that is not woken polls anyway.
    queued: () => void wakeWorkers(pool, NOTIFY_DEADLINE_MS).catch(() => undefined),
    storageReachable: () => reachable,
    uploads: () => null,
    async stop(graceMs) {
      // Not awaited: a running probe may take longer than `graceMs`.
      void probing.stop();
      await alerts?.stop(graceMs);
    },
  };
}

/** Starts the alarms in this process, whose login has the rights of a worker. */
async function alertsHere(config: Config, url: string, storage: ObjectStorage, log: Log) {
  const { startAlerts } = await import("@call-ledger/worker/alerts");
  const { workerSession } = await import("@call-ledger/db/jobs");
  const pool = openPool(url, { max: ALERT_CONNECTIONS, name: "call-ledger alerts" });
  const session = workerSession(pool, ALERT_DEADLINE_MS);
  const alerts = startAlerts({ config, databaseUrl: url, log, session, storage });
  return {
    async stop(graceMs: number) {
      await alerts.stop(graceMs);
      await pool.close(ALERT_CLOSING_MS);
    },
  };
}
