import type { WorkerSession } from "./worker-session.ts";

/** Quarantined deliveries: how many wait, since how many seconds the oldest does, how many were replayed and are kept. */
export type QuarantineAges = {
  readonly waiting: number;
  readonly oldestSeconds: number | null;
  readonly replayed: number;
};

/** Throws DbError. */
export async function quarantineAges(session: WorkerSession): Promise<QuarantineAges> {
  const [row] = await session.run((sql) => sql.unsafe("select call_ledger.quarantine_ages()::text as ages"));
  const { waiting, oldest_seconds: oldestSeconds, replayed } = JSON.parse(String(row?.ages));
  return { waiting, oldestSeconds, replayed };
}

/** What one step of `capQuarantine` removed; nothing: the quarantine is within its limit. */
export type QuarantineCut = { readonly payloads: number; readonly deliveries: number };

/**
 * One step towards at most `mostBytes` of waiting deliveries a provider account: payloads that booking does not need
 * go first, then the oldest deliveries; at most `most` a step. Throws DbError.
 */
export async function capQuarantine(
  session: WorkerSession,
  { mostBytes, most }: { readonly mostBytes: number; readonly most: number },
): Promise<QuarantineCut> {
  const [row] = await session.run((sql) =>
    sql.unsafe("select * from call_ledger.cap_quarantine($1::bigint, $2::int)", [mostBytes, most]),
  );
  return { payloads: Number(row?.payloads_dropped), deliveries: Number(row?.deliveries_dropped) };
}

/** Gives back upload jobs whose lease ended more than `graceSeconds` ago, at most `most`. Throws DbError. */
export async function releaseExpiredLeases(
  session: WorkerSession,
  { graceSeconds, most }: { readonly graceSeconds: number; readonly most: number },
): Promise<number> {
  const [row] = await session.run((sql) =>
    sql.unsafe("select call_ledger.release_expired_leases($1::int, $2::int) as given_back", [
      graceSeconds,
      most,
    ]),
  );
  return Number(row?.given_back);
}

/** Notes how large the database is, for its growth; returns bytes. Throws DbError. */
export async function recordDatabaseSize(session: WorkerSession, keepDays: number): Promise<number> {
  const [row] = await session.run((sql) =>
    sql.unsafe("select call_ledger.record_database_size($1::int) as bytes", [keepDays]),
  );
  return Number(row?.bytes);
}
