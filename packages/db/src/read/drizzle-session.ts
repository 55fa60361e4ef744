import { DrizzleQueryError, sql } from "drizzle-orm";
import type { PgTransactionConfig } from "drizzle-orm/pg-core";
import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import { drizzle } from "drizzle-orm/postgres-js";
import type { Pool, Sql } from "../client/pool.ts";
import { CursorRefused } from "./keyset.ts";

/** Drizzle's query builder inside of a transaction. */
export type Queries = Parameters<Parameters<PostgresJsDatabase["transaction"]>[0]>[0];

type Session = {
  /** `none`: the login itself. */
  readonly role: string;
  /** The organization whose rows row-level security shows; empty: only the role's policies decide. */
  readonly orgId: string;
  readonly deadlineMs: number;
  readonly transaction?: PgTransactionConfig;
};

/**
 * Runs transactions of Drizzle's query builder on the connections of a pool. No other code may use these connections,
 * because Drizzle changes how a client reads and writes times and JSON. Role, organization and timeout end with the
 * transaction, so it works behind a transaction pooler. The returned function throws CursorRefused, and every
 * other error of the work as a DbError.
 */
export function drizzleSessions(
  pool: Pool,
): <T>(session: Session, work: (db: Queries) => Promise<T>) => Promise<T> {
  const builders = new WeakMap<Sql, PostgresJsDatabase>();
  const builderOf = (connection: Sql): PostgresJsDatabase => {
    const known = builders.get(connection) ?? drizzle(connection);
    builders.set(connection, known);
    return known;
  };
  return async ({ role, orgId, deadlineMs, transaction }, work) => {
    const query = async (connection: Sql) => {
      try {
        const value = await builderOf(connection).transaction(async (db) => {
          await db.execute(sql`select set_config('role', ${role}, true),
            set_config('call_ledger.org_id', ${orgId}, true),
            set_config('statement_timeout', ${String(deadlineMs)}, true)`);
          return await work(db);
        }, transaction);
        return { value };
      } catch (error) {
        if (error instanceof CursorRefused) return { refused: error };
        // Drizzle's message contains the parameters. The database's error is its cause.
        throw error instanceof DrizzleQueryError ? error.cause : error;
      }
    };
    const answer = await pool.run(query, deadlineMs, orgId === "" ? undefined : orgId);
    if ("refused" in answer) throw answer.refused;
    return answer.value;
  };
}
