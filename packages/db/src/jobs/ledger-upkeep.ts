import { z } from "zod";
import { runForOne, sqlFunction } from "../client/run-function.ts";
import type { WorkerSession } from "./worker-session.ts";

const agesSchema = z.object({
  waiting: z.number(),
  oldestSeconds: z.number().nullable(),
  replayed: z.number(),
});

/** Quarantined deliveries: how many wait, the age of the oldest in seconds, and how many replayed ones are kept. */
export type QuarantineAges = Readonly<z.output<typeof agesSchema>>;

const QUARANTINE_AGES = sqlFunction("call_ledger.quarantine_ages", {}, agesSchema);

/** Reads the ages of the quarantine. Throws DbError. */
export function quarantineAges(session: WorkerSession): Promise<QuarantineAges> {
  return session.run((sql) => runForOne(sql, QUARANTINE_AGES, {}));
}

/**
 * The number of payloads and deliveries that one step of `capQuarantine` removed. Zeros: the quarantine is within its
 * limit.
 */
export type QuarantineCut = { readonly payloads: number; readonly deliveries: number };

const CAP_QUARANTINE = sqlFunction(
  "call_ledger.cap_quarantine",
  { mostBytes: "bigint", most: "integer" },
  z.object({ payloadsDropped: z.number(), deliveriesDropped: z.number() }),
);

/**
 * Makes one step towards at most `maxBytes` of waiting deliveries for each provider account. It removes first payloads
 * that booking does not need, then the oldest deliveries; at most `max` in a step. Throws DbError.
 */
export async function capQuarantine(
  session: WorkerSession,
  { maxBytes, max }: { readonly maxBytes: number; readonly max: number },
): Promise<QuarantineCut> {
  const cut = await session.run((sql) => runForOne(sql, CAP_QUARANTINE, { mostBytes: maxBytes, most: max }));
  return { payloads: cut.payloadsDropped, deliveries: cut.deliveriesDropped };
}

/**
 * The seconds without an event after which a call is overdue: before its answer, during the call, and after it for its
 * report.
 */
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

/** Marks calls whose end or report is overdue, at most `max`, and returns their number. Throws DbError. */
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

/** Stores the size of the database for its growth, and returns it in bytes. Throws DbError. */
export function recordDatabaseSize(session: WorkerSession, keepDays: number): Promise<number> {
  return session.run((sql) => runForOne(sql, RECORD_SIZE, { keepDays }));
}

const DROP_CALL_CHANGES = sqlFunction("call_ledger.drop_call_changes", { most: "integer" }, z.number());

/**
 * Deletes changes of calls from which no stream can resume any more, at most `max`, and returns their number. Throws
 * DbError.
 */
export function dropCallChanges(session: WorkerSession, max: number): Promise<number> {
  return session.run((sql) => runForOne(sql, DROP_CALL_CHANGES, { most: max }));
}

const DROP_EXPIRED_ACCESS = sqlFunction("call_ledger.drop_expired_access", { most: "integer" }, z.number());

/**
 * Deletes expired sessions, sign-in links and kept replies, at most `max` of each, and returns their number. Throws
 * DbError.
 */
export function dropExpiredAccess(session: WorkerSession, max: number): Promise<number> {
  return session.run((sql) => runForOne(sql, DROP_EXPIRED_ACCESS, { most: max }));
}
