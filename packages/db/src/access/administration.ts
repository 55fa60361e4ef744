import type { Pool } from "../client/pool.ts";
import { openPool } from "../client/pool.ts";
import type { Queries as Change } from "../read/drizzle-session.ts";
import { drizzleSessions } from "../read/drizzle-session.ts";

export type { Queries as Change } from "../read/drizzle-session.ts";

/**
 * Reads and changes what is not a call's, with Drizzle's query builder. Every method throws DbError, and CursorRefused as
 * the work does.
 */
export type Administration = {
  /** As one organization: row-level security shows and lets change its rows and no other. */
  as<T>(orgId: string, work: (db: Change) => Promise<T>): Promise<T>;
  /** As the operator, for all organizations. */
  asOperator<T>(work: (db: Change) => Promise<T>): Promise<T>;
  readonly pool: Pool;
};

/** Two of them after each other leave time to be told within five seconds that the ledger is away. */
const DEADLINE_MS = 2_000;

/** Opens an administration with `max` connections; none is made before the first use. `name` is shown in pg_stat_activity. */
export function openAdministration(
  url: string,
  options: { readonly max: number; readonly name: string },
): Administration {
  const pool = openPool(url, options);
  const run = drizzleSessions(pool);
  return {
    pool,
    as: (orgId, work) => run({ role: "call_ledger_manager", orgId, deadlineMs: DEADLINE_MS }, work),
    asOperator: (work) => run({ role: "call_ledger_api_operator", orgId: "", deadlineMs: DEADLINE_MS }, work),
  };
}
