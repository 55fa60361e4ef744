import type { Pool, Sql } from "../client/pool.ts";

/**
 * Asks as one organization: in a read-only transaction as the reader, whom row-level security shows that organization's
 * rows and no other. The role and the organization end with the transaction, behind a pooler too.
 * Throws DbError, `unavailable` when `deadlineMs` is over.
 */
export async function readAs<T>(
  pool: Pool,
  orgId: string,
  query: (sql: Pick<Sql, "unsafe">) => Promise<T>,
  deadlineMs: number,
): Promise<T> {
  const [answer] = await pool.run(
    (sql) =>
      sql.begin("read only", async (transaction) => {
        await transaction.unsafe(
          "select set_config('role', 'call_ledger_reader', true), set_config('call_ledger.org_id', $1::text, true)",
          [orgId],
        );
        // Wrapped, because the driver awaits an array of queries in place of returning it.
        return [{ value: await query(transaction) }];
      }),
    deadlineMs,
  );
  if (answer === undefined) throw new Error("a transaction has lost its result");
  return answer.value;
}
