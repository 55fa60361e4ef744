import type { Pool } from "../client/pool.ts";
import { openPool } from "../client/pool.ts";
import type { Queries } from "./drizzle-session.ts";
import { drizzleSessions } from "./drizzle-session.ts";

export type { Queries } from "./drizzle-session.ts";

/** Asks as one organization, with Drizzle's query builder. */
export type Reader = {
  /**
   * Runs queries in one read-only snapshot as the reader, whom row-level security shows the organization's rows and no
   * other. Throws DbError, `unavailable` when the time is over, and CursorRefused as the query does.
   */
  as<T>(orgId: string, query: (db: Queries) => Promise<T>, deadlineMs?: number): Promise<T>;
  readonly pool: Pool;
};

/** Two of them after each other leave time to be told within five seconds that the ledger is away. */
const READ_MS = 2_000;
const SNAPSHOT = { isolationLevel: "repeatable read", accessMode: "read only" } as const;

/** Opens a reader with `max` connections; none is made before the first read. `name` is shown in pg_stat_activity. */
export function openReader(url: string, options: { readonly max: number; readonly name: string }): Reader {
  const pool = openPool(url, options);
  const run = drizzleSessions(pool);
  return {
    pool,
    as: (orgId, query, deadlineMs = READ_MS) =>
      run({ role: "call_ledger_reader", orgId, deadlineMs, transaction: SNAPSHOT }, query),
  };
}
