import type { Pool } from "../client/pool.ts";
import { openPool } from "../client/pool.ts";
import type { Queries as Change } from "../read/drizzle-session.ts";
import { drizzleSessions } from "../read/drizzle-session.ts";

export type { Queries as Change } from "../read/drizzle-session.ts";

/**
 * Reads and changes everything except calls, with Drizzle's query builder. The methods throw
 * CursorRefused, and every other error of the work as a DbError.
 */
export type Administration = {
  /** Runs the work as one organization: row-level security limits it to rows of that organization. */
  as<T>(orgId: string, work: (db: Change) => Promise<T>): Promise<T>;
  /** Runs the work as the operator, for all organizations. */
  asOperator<T>(work: (db: Change) => Promise<T>): Promise<T>;
  readonly pool: Pool;
};

/** Two of them after each other leave time to answer within five seconds that the ledger is unavailable. */
const DEADLINE_MS = 2_000;

/**
 * Opens an administration with `max` connections. The first one is made on first use. `name` is shown in
 * pg_stat_activity.
 */
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
