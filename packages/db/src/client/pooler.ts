import { ownerConnection } from "./owner-connection.ts";
import { toDbError } from "./pg-error.ts";
import type { Pool } from "./pool.ts";

/**
 * Returns whether a pooler is between us and Postgres, which excludes prepared statements, LISTEN and session locks. A
 * pooler gives each client its own cancel key, so the process id in it differs from that of the answering backend.
 */
export async function behindPooler(pool: Pool, deadlineMs: number): Promise<boolean> {
  const result = await pool.run((sql) => sql.unsafe("select pg_backend_pid() as pid"), deadlineMs);
  const state: { pid?: number } | undefined = result.state;
  return result[0]?.pid !== state?.pid;
}

const TRIES = 5;

/**
 * Returns whether another connection gets the backend that a connection has just used. That means a pooler in
 * transaction mode, in which a setting or a role of one session affects another. A busy pooler may hide it. Throws
 * DbError.
 */
export async function sharesSessions(url: string): Promise<boolean> {
  await using one = ownerConnection(url, "call-ledger");
  await using other = ownerConnection(url, "call-ledger");
  const backend = async (sql: typeof one) => (await sql`select pg_backend_pid() as pid`)[0]?.pid;
  try {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      if ((await backend(one)) === (await backend(other))) return true;
    }
    return false;
  } catch (error) {
    throw toDbError(error);
  }
}
