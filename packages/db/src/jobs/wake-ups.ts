import postgres from "postgres";
import type { Pool } from "../client/pool.ts";
import { reconnectSeconds } from "../client/reconnect.ts";

const WAKE_CHANNEL = "call_ledger_recordings";
const RETRY_MS = 1_000;

/**
 * Notifies listening workers that recordings were queued. Must not run in the transaction that queued them, because
 * NOTIFY there serialises all commits of the database. Throws DbError.
 */
export async function wakeWorkers(pool: Pool, deadlineMs: number): Promise<void> {
  await pool.run((sql) => sql.unsafe(`select pg_notify('${WAKE_CHANNEL}', '')`), deadlineMs);
}

export type WakeUps = { stop(): Promise<void> };

/**
 * Calls `wake` when recordings were queued, and once at every (re)connection, because notices are lost while there is
 * none. Keeps one connection and reconnects for ever. `url` must not lead through a pooler in transaction mode, where
 * LISTEN silently does nothing; a caller with such a URL polls.
 */
export function listenForRecordings(url: string, wake: () => void): WakeUps {
  const sql = postgres(url, {
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: 5,
    backoff: reconnectSeconds,
    idle_timeout: 0,
    max_lifetime: null,
    onnotice: () => undefined,
    connection: { application_name: "call-ledger wake-ups" },
  });
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const listen = () => {
    sql.listen(WAKE_CHANNEL, wake, wake).catch(() => {
      if (!stopped) timer = setTimeout(listen, RETRY_MS * (1 + Math.random())).unref();
    });
  };
  listen();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await sql.end({ timeout: 0 });
    },
  };
}
