import type postgres from "postgres";
import { DbError, SQLSTATE } from "../client/pg-error.ts";

/**
 * The rows need more than the 64 kB of memory that they may use, so a file on the database's disk is written. Leaves
 * nothing.
 */
const PROBE = `set local work_mem = '64kB';
  select current_setting('transaction_read_only') as read_only, count(*) from generate_series(1, 20000)`;

/**
 * Checks that the database accepts writes now: it is not read-only, and its disk has room. Writes no row and needs no
 * right. Throws DbError for a read-only database, otherwise the driver's error with which a write would fail.
 */
export async function probeWrite(sql: Pick<postgres.Sql, "unsafe">): Promise<void> {
  const [, rows] = await sql.unsafe(PROBE).simple();
  if (rows?.[0]?.read_only !== "on") return;
  throw new DbError("unavailable", SQLSTATE.readOnlyTransaction, null);
}
