import type { Pool, Sql } from "../client/pool.ts";
import { transactionAfter } from "../client/transaction-after.ts";

const AS_READER =
  "select set_config('role', 'call_ledger_reader', true), set_config('call_ledger.org_id', $1::text, true)";

/**
 * Runs queries as one organization: in a read-only transaction with the reader's role, to which row-level security
 * shows only that organization's rows. The role and the organization end with the transaction, behind a pooler too.
 * Throws DbError, `unavailable` after `deadlineMs`.
 */
export function readAs<T>(
  pool: Pool,
  orgId: string,
  query: (sql: Pick<Sql, "unsafe">) => Promise<T>,
  deadlineMs: number,
): Promise<T> {
  return pool.run(
    (sql) => transactionAfter(sql, "read only", [AS_READER, [orgId]], query),
    deadlineMs,
    orgId,
  );
}
