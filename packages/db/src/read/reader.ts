import { DrizzleQueryError, sql } from "drizzle-orm";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { drizzle } from "drizzle-orm/postgres-js";
import type { Pool, Sql } from "../client/pool.ts";
import { openPool } from "../client/pool.ts";
import { CursorRefused } from "./keyset.ts";

/** Drizzle's query builder inside of a read. */
export type Queries = Parameters<Parameters<PostgresJsDatabase["transaction"]>[0]>[0];

/**
 * Asks as one organization, with Drizzle's query builder. Its connections are its own: Drizzle changes how a client reads
 * and writes times and JSON.
 */
export type Reader = {
  /**
   * Runs queries in one read-only snapshot as the reader, whom row-level security shows the organization's rows and no
   * other. Role, organization and timeout end with the transaction, so a transaction pooler may stand between.
   * Throws DbError, `unavailable` when the time is over, and CursorRefused as the query does.
   */
  as<T>(orgId: string, query: (db: Queries) => Promise<T>, deadlineMs?: number): Promise<T>;
  readonly pool: Pool;
};

/** Two of them after each other leave time to be told within five seconds that the ledger is away. */
const READ_MS = 2_000;

/** Opens a reader with `max` connections; none is made before the first read. `name` is shown in pg_stat_activity. */
export function openReader(url: string, options: { readonly max: number; readonly name: string }): Reader {
  const pool = openPool(url, options);
  const builders = new WeakMap<Sql, PostgresJsDatabase>();
  const builderOf = (connection: Sql): PostgresJsDatabase => {
    const known = builders.get(connection) ?? drizzle(connection);
    builders.set(connection, known);
    return known;
  };
  return {
    pool,
    async as(orgId, query, deadlineMs = READ_MS) {
      const answer = await pool.run(async (connection) => {
        try {
          const value = await builderOf(connection).transaction(
            async (db) => {
              await db.execute(sql`select set_config('role', 'call_ledger_reader', true),
                set_config('call_ledger.org_id', ${orgId}, true),
                set_config('statement_timeout', ${String(deadlineMs)}, true)`);
              return await query(db);
            },
            { isolationLevel: "repeatable read", accessMode: "read only" },
          );
          return { value };
        } catch (error) {
          if (error instanceof CursorRefused) return { refused: error };
          // Its message holds the parameters; what the database said is its cause.
          throw error instanceof DrizzleQueryError ? error.cause : error;
        }
      }, deadlineMs);
      if ("refused" in answer) throw answer.refused;
      return answer.value;
    },
  };
}
