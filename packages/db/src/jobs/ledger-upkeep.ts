import { z } from "zod";
import { runForOne, sqlFunction } from "../client/run-function.ts";
import type { WorkerSession } from "./worker-session.ts";

const agesSchema = z.object({
  waiting: z.number(),
  oldestSeconds: z.number().nullable(),
  replayed: z.number(),
});

/** Quarantined deliveries: how many wait, since how many seconds the oldest does, how many were replayed and are kept. */
export type QuarantineAges = Readonly<z.output<typeof agesSchema>>;

const QUARANTINE_AGES = sqlFunction("call_ledger.quarantine_ages", {}, agesSchema);

/** Throws DbError. */
export function quarantineAges(session: WorkerSession): Promise<QuarantineAges> {
  return session.run((sql) => runForOne(sql, QUARANTINE_AGES, {}));
}

/** What one step of `capQuarantine` removed; nothing: the quarantine is within its limit. */
export type QuarantineCut = { readonly payloads: number; readonly deliveries: number };

const CAP_QUARANTINE = sqlFunction(
  "call_ledger.cap_quarantine",
  { mostBytes: "bigint", most: "integer" },
  z.object({ payloadsDropped: z.number(), deliveriesDropped: z.number() }),
);

/**
 * One step towards at most `maxBytes` of waiting deliveries a provider account: payloads that booking does not need
 * go first, then the oldest deliveries; at most `max` a step. Throws DbError.
 */
export async function capQuarantine(
  session: WorkerSession,
  { maxBytes, max }: { readonly maxBytes: number; readonly max: number },
): Promise<QuarantineCut> {
  const cut = await session.run((sql) => runForOne(sql, CAP_QUARANTINE, { mostBytes: maxBytes, most: max }));
  return { payloads: cut.payloadsDropped, deliveries: cut.deliveriesDropped };
}

/** How long nothing may be heard of a call, in seconds: before it is answered, during it, and of its report after it. */
export type OverdueLimits = {
  readonly beforeConnectionSeconds: number;
  readonly inProgressSeconds: number;
  readonly reportSeconds: number;
};

const MARK_OVERDUE = sqlFunction(
  "call_ledger.mark_overdue_calls",
  {
    beforeConnectionSeconds: "integer",
    inProgressSeconds: "integer",
    reportSeconds: "integer",
    most: "integer",
  },
  z.number(),
);

/** Marks calls whose end or report is overdue, at most `max`; returns how many. Throws DbError. */
export function markOverdueCalls(
  session: WorkerSession,
  {
    beforeConnectionSeconds,
    inProgressSeconds,
    reportSeconds,
    max,
  }: OverdueLimits & { readonly max: number },
): Promise<number> {
  const values = { beforeConnectionSeconds, inProgressSeconds, reportSeconds, most: max };
  return session.run((sql) => runForOne(sql, MARK_OVERDUE, values));
}

const RELEASE_EXPIRED = sqlFunction(
  "call_ledger.release_expired_leases",
  { graceSeconds: "integer", most: "integer" },
  z.number(),
);

/** Gives back upload jobs whose lease ended more than `graceSeconds` ago, at most `max`. Throws DbError. */
export function releaseExpiredLeases(
  session: WorkerSession,
  { graceSeconds, max }: { readonly graceSeconds: number; readonly max: number },
): Promise<number> {
  return session.run((sql) => runForOne(sql, RELEASE_EXPIRED, { graceSeconds, most: max }));
}

const RECORD_SIZE = sqlFunction("call_ledger.record_database_size", { keepDays: "integer" }, z.number());

/** Notes how large the database is, for its growth; returns bytes. Throws DbError. */
export function recordDatabaseSize(session: WorkerSession, keepDays: number): Promise<number> {
  return session.run((sql) => runForOne(sql, RECORD_SIZE, { keepDays }));
}

const DROP_CALL_CHANGES = sqlFunction("call_ledger.drop_call_changes", { most: "integer" }, z.number());

/** Forgets changes of calls that no stream can resume from any more, at most `max`; returns how many. Throws DbError. */
export function dropCallChanges(session: WorkerSession, max: number): Promise<number> {
  return session.run((sql) => runForOne(sql, DROP_CALL_CHANGES, { most: max }));
}

const DROP_EXPIRED_ACCESS = sqlFunction("call_ledger.drop_expired_access", { most: "integer" }, z.number());

/** Deletes sessions, sign-in links and kept replies that are over, at most `max` of each; returns how many. Throws DbError. */
export function dropExpiredAccess(session: WorkerSession, max: number): Promise<number> {
  return session.run((sql) => runForOne(sql, DROP_EXPIRED_ACCESS, { most: max }));
}
