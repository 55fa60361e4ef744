import type { Pool, Sql } from "../client/pool.ts";

/**
 * Runs queries as one organization: in a read-only transaction with the reader's role, to which row-level security
 * shows only that organization's rows. The role and the organization end with the transaction, behind a pooler too.
 * Throws DbError, `unavailable` after `deadlineMs`.
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
        // Wrapped, because the driver would await an array of queries instead of returning it.
        return [{ value: await query(transaction) }];
      }),
    deadlineMs,
    orgId,
  );
  if (answer === undefined) throw new Error("a transaction has lost its result");
  return answer.value;
}
