import type { Pool } from "../client/pool.ts";
import type { WorkerSession } from "./worker-session.ts";

/** Upload jobs by state; stored ones are not counted. */
export type RecordingCounts = {
  readonly pending: number;
  /** Of the pending: could start now. */
  readonly due: number;
  readonly fetching: number;
  /** Of the fetching: their lease ran out. */
  readonly stale: number;
  readonly failed: number;
  readonly expired: number;
};

/** Says that a worker lives and what it did; `name` begins with `worker:`. Throws DbError. */
export async function beat(
  session: WorkerSession,
  name: string,
  did: Readonly<Record<string, number>>,
): Promise<void> {
  await session.run((sql) =>
    sql.unsafe("select call_ledger.beat($1::text, $2::text::jsonb)", [name, JSON.stringify(did)]),
  );
}

/** Throws DbError. */
export async function countRecordings(session: WorkerSession): Promise<RecordingCounts> {
  const rows = await session.run((sql) =>
    sql.unsafe("select call_ledger.recording_counts()::text as counts"),
  );
  return JSON.parse(String(rows[0]?.counts));
}

const WAKE_CHANNEL = "call_ledger_recordings";

/**
 * Tells listening workers that recordings were queued. Never inside the transaction that queued them: NOTIFY there
 * serialises all commits of the database. Throws DbError.
 */
export async function wakeWorkers(pool: Pool, deadlineMs: number): Promise<void> {
  await pool.run((sql) => sql.unsafe(`select pg_notify('${WAKE_CHANNEL}', '')`), deadlineMs);
}

export { WAKE_CHANNEL };
