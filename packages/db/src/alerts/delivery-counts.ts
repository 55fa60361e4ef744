import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { runForOne, sqlFunction } from "../client/run-function.ts";

/** How the deliveries of one account in one minute were answered. */
export type DeliveryCount = {
  readonly accountId: string;
  /** The beginning of the minute, milliseconds since 1970. */
  readonly at: number;
  readonly accepted: number;
  /** With a wrong or an old proof. */
  readonly refused: number;
  /** Without any proof. */
  readonly unproven: number;
  /** With 5xx; of the platform's account if nobody could tell whose they were. */
  readonly failing: number;
};

const COUNT = sqlFunction("call_ledger.count_deliveries", { counts: "jsonb" }, z.unknown());

/** Adds to the counts, in one statement; several processes add to the same minute. Throws DbError. */
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
