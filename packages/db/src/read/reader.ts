import type { Pool } from "../client/pool.ts";
import { openPool } from "../client/pool.ts";
import type { Queries } from "./drizzle-session.ts";
import { drizzleSessions } from "./drizzle-session.ts";

export type { Queries } from "./drizzle-session.ts";

/** Runs queries as one organization, with Drizzle's query builder. */
export type Reader = {
  /**
   * Runs queries in one read-only snapshot with the reader's role, to which row-level security shows only the
   * organization's rows. Throws DbError, `unavailable` after the deadline, and the errors of the query such as
   * CursorRefused.
   */
  as<T>(orgId: string, query: (db: Queries) => Promise<T>, deadlineMs?: number): Promise<T>;
  readonly pool: Pool;
};

/** Two of them after each other leave time to answer within five seconds that the ledger is unavailable. */
const READ_MS = 2_000;
const SNAPSHOT = { isolationLevel: "repeatable read", accessMode: "read only" } as const;

/** Opens a reader with `max` connections. The first one is made on first use. `name` is shown in pg_stat_activity. */
export function openReader(url: string, options: { readonly max: number; readonly name: string }): Reader {
  const pool = openPool(url, options);
  const run = drizzleSessions(pool);
  return {
    pool,
    as: (orgId, query, deadlineMs = READ_MS) =>
      run({ role: "call_ledger_reader", orgId, deadlineMs, transaction: SNAPSHOT }, query),
  };
}
