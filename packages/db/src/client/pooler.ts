import type { Pool } from "./pool.ts";

/**
 * Whether a pooler stands between us and Postgres, which rules out prepared statements, LISTEN and session locks.
 * A pooler hands out a cancel key of its own, so the process id in it is not the one of the backend that answers.
 */
export async function behindPooler(pool: Pool, deadlineMs: number): Promise<boolean> {
  const result = await pool.run((sql) => sql.unsafe("select pg_backend_pid() as pid"), deadlineMs);
  const state: { pid?: number } | undefined = result.state;
  return result[0]?.pid !== state?.pid;
}
