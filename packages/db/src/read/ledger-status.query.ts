import type { Pool } from "../client/pool.ts";

/** What the database says of itself, as `/health` needs it. Ages in seconds, sizes in megabytes of 1,048,576 bytes. */
export type LedgerStatus = {
  readonly databaseSizeMb: number;
  /** How many migrations the schema has, and how many a release has to know to run on it. */
  readonly migration: number;
  readonly oldestCode: number;
  readonly queue: { readonly depth: number; readonly oldestAgeSeconds: number | null };
  /** Uploads that were given up. */
  readonly dead: number;
  /** Deliveries that wait for an agent or for a person, counted up to 10,000. */
  readonly quarantined: number;
  readonly lastEventAt: Date | null;
  /** Since the youngest heartbeat of a worker; `null`: there has never been one. */
  readonly workerAgeSeconds: number | null;
  /** The oldest size that was noted within a week; `null`: none was. */
  readonly sizeBefore: { readonly sizeMb: number; readonly ageSeconds: number } | null;
  /** Housekeeping jobs that have not succeeded for three of their intervals. */
  readonly lateJobs: readonly string[];
};

/** One round trip, no tenant's data. Throws DbError. */
export async function readLedgerStatus(pool: Pool, deadlineMs: number): Promise<LedgerStatus> {
  const rows = await pool.run(
    (sql) => sql.unsafe("select call_ledger.ledger_status()::text as status"),
    deadlineMs,
  );
  const status = JSON.parse(String(rows[0]?.status));
  const orNull = (value: unknown) => (value === null || value === undefined ? null : Number(value));
  return {
    databaseSizeMb: Number(status.database_size_mb),
    migration: Number(status.migration),
    oldestCode: Number(status.oldest_code),
    queue: { depth: Number(status.queue.depth), oldestAgeSeconds: orNull(status.queue.oldest_age_seconds) },
    dead: Number(status.dead),
    quarantined: Number(status.quarantined),
    lastEventAt: status.last_event_at === null ? null : new Date(String(status.last_event_at)),
    workerAgeSeconds: orNull(status.worker_age_seconds),
    sizeBefore:
      status.size_before === null
        ? null
        : { sizeMb: Number(status.size_before.mb), ageSeconds: Number(status.size_before.age_seconds) },
    lateJobs: status.late_jobs,
  };
}
