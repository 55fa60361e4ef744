import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { runForOne, sqlFunction } from "../client/run-function.ts";

/** The answers to the deliveries of one account in one minute, by kind. */
export type DeliveryCount = {
  readonly accountId: string;
  /** The start of the minute, in milliseconds since 1970. */
  readonly at: number;
  readonly accepted: number;
  /** Deliveries with a wrong or an old proof. */
  readonly refused: number;
  /** Deliveries without any proof. */
  readonly unproven: number;
  /** Deliveries that got 5xx. They count for the platform's account if their own is unknown. */
  readonly failing: number;
};

const COUNT = sqlFunction("call_ledger.count_deliveries", { counts: "jsonb" }, z.unknown());

/** Adds to the counts in one statement. Several processes add to the same minute. Throws DbError. */
export async function countDeliveries(
  pool: Pool,
  counts: readonly DeliveryCount[],
  deadlineMs: number,
): Promise<void> {
  const rows = counts.map(({ accountId, at, ...count }) => ({
    account_id: accountId,
    at: new Date(at).toISOString(),
    ...count,
  }));
  await pool.run((sql) => runForOne(sql, COUNT, { counts: rows }), deadlineMs);
}
