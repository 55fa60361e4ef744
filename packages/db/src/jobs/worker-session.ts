import type { Pool, Sql } from "../client/pool.ts";
import { transactionAfter } from "../client/transaction-after.ts";

/** A pool for background work. Every statement runs with the worker's rights. */
export type WorkerSession = {
  /** Runs a query with the worker's rights. Throws DbError. */
  run<T>(query: (sql: Pick<Sql, "unsafe">) => Promise<T>): Promise<T>;
};

/**
 * SQL: whether this login may execute every function that the worker may. A login of an older release lacks newer
 * functions.
 */
const MAY_ALREADY = `
  select coalesce(bool_and(has_function_privilege(p.oid, 'execute')), false) as may from pg_catalog.pg_proc p
  where p.pronamespace = 'call_ledger'::regnamespace and has_function_privilege('call_ledger_worker', p.oid, 'execute')`;

/** Returns whether this login has the worker's role, for any of its uses. Throws DbError. */
export async function isWorkersLogin(pool: Pool, deadlineMs: number): Promise<boolean> {
  const [row] = await pool.run(
    (sql) => sql.unsafe("select pg_has_role('call_ledger_worker', 'member') as is_member"),
    deadlineMs,
  );
  return row?.is_member === true;
}

/**
 * A login that may execute the worker's functions runs queries directly. Any other login changes to the worker's role
 * in a transaction for each query, which takes three more round trips. `deadlineMs` limits each query, including the
 * wait for a connection.
 */
export function workerSession(pool: Pool, deadlineMs: number): WorkerSession {
  let mayAlready: boolean | undefined;
  const ask = async () => {
    const [row] = await pool.run((sql) => sql.unsafe(MAY_ALREADY), deadlineMs);
    return row?.may === true;
  };
  return {
    async run(query) {
      mayAlready ??= await ask();
      if (mayAlready) return pool.run(query, deadlineMs);
      return pool.run(
        (sql) => transactionAfter(sql, "", ["set local role call_ledger_worker", []], query),
        deadlineMs,
      );
    },
  };
}
