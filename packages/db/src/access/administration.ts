import { DrizzleQueryError, sql } from "drizzle-orm";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { drizzle } from "drizzle-orm/postgres-js";
import type { Pool, Sql } from "../client/pool.ts";
import { openPool } from "../client/pool.ts";
import { CursorRefused } from "../read/keyset.ts";

/** Drizzle's query builder inside of a transaction. */
export type Change = Parameters<Parameters<PostgresJsDatabase["transaction"]>[0]>[0];

/**
 * Reads and changes what is not a call's, with Drizzle's query builder. Its connections are its own: Drizzle changes how
 * a client reads and writes times and JSON. Role, organization and timeout end with the transaction, so a transaction
 * pooler may stand between. Every method throws DbError, and CursorRefused as the work does.
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
  const builders = new WeakMap<Sql, PostgresJsDatabase>();
  const builderOf = (connection: Sql): PostgresJsDatabase => {
    const known = builders.get(connection) ?? drizzle(connection);
    builders.set(connection, known);
    return known;
  };
  const run = async <T>(role: string, orgId: string, work: (db: Change) => Promise<T>): Promise<T> => {
    const answer = await pool.run(async (connection) => {
      try {
        const value = await builderOf(connection).transaction(async (db) => {
          await db.execute(sql`select set_config('role', ${role}, true),
            set_config('call_ledger.org_id', ${orgId}, true),
            set_config('statement_timeout', ${String(DEADLINE_MS)}, true)`);
          return await work(db);
        });
        return { value };
      } catch (error) {
        if (error instanceof CursorRefused) return { refused: error };
        // Its message holds the parameters; what the database said is its cause.
        throw error instanceof DrizzleQueryError ? error.cause : error;
      }
    }, DEADLINE_MS);
    if ("refused" in answer) throw answer.refused;
    return answer.value;
  };
  return {
    pool,
    as: (orgId, work) => run("call_ledger_manager", orgId, work),
    asOperator: (work) => run("call_ledger_api_operator", "", work),
  };
}
