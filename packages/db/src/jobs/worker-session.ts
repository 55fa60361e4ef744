import type { Pool, Sql } from "../client/pool.ts";

/** A pool as the background work uses it: every statement with the worker's rights. */
export type WorkerSession = {
  /** Throws DbError. */
  run<T>(query: (sql: Pick<Sql, "unsafe">) => Promise<T>): Promise<T>;
};

/** Whether this login may execute everything that the worker may: an older login lacks what newer releases brought. */
const MAY_ALREADY = `
  select coalesce(bool_and(has_function_privilege(p.oid, 'execute')), false) as may from pg_catalog.pg_proc p
  where p.pronamespace = 'call_ledger'::regnamespace and has_function_privilege('call_ledger_worker', p.oid, 'execute')`;

/** Whether this login has the worker's role, whatever it is used for. Throws DbError. */
export async function isWorkersLogin(pool: Pool, deadlineMs: number): Promise<boolean> {
  const [row] = await pool.run(
    (sql) => sql.unsafe("select pg_has_role('call_ledger_worker', 'member') as is_member"),
    deadlineMs,
  );
  return row?.is_member === true;
}

/**
 * A login that may execute the worker's functions itself calls them as it is; any other becomes the worker for one
 * transaction each, which is three flights more. `deadlineMs` bounds each statement, the wait for a connection included.
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
      const [answer] = await pool.run(
        (sql) =>
          sql.begin(async (transaction) => {
            await transaction.unsafe("set local role call_ledger_worker");
            // Wrapped, because the driver awaits an array of queries in place of returning it.
            return [{ value: await query(transaction) }];
          }),
        deadlineMs,
      );
      if (answer === undefined) throw new Error("a transaction has lost its result");
      return answer.value;
    },
  };
}
