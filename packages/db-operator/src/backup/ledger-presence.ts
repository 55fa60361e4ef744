import type postgres from "postgres";
import { withOwner } from "../owner.ts";

/** The database of a URL, and whether it has a ledger. */
export type LedgerPresence = {
  readonly database: string;
  readonly databaseId: string | null;
  /** Whether the database has a ledger. */
  readonly present: boolean;
};

/** Finds out which database a URL leads to. Throws DbError. */
export function ledgerPresence(ownerUrl: string): Promise<LedgerPresence> {
  const look = async (sql: postgres.ISql) => {
    const [row] = await sql`
      select current_database() as database, to_regclass('call_ledger.schema_state') is not null as present`;
    const id = await databaseId(sql);
    return { database: String(row?.database), databaseId: id, present: row?.present === true };
  };
  return withOwner(ownerUrl, ({ run }) => run(look));
}

/**
 * The identifiers of the server and of the database in it, which are the same for every host name and pooler. `null`:
 * this login may not read them.
 */
export async function databaseId(sql: postgres.ISql): Promise<string | null> {
  const [may] = await sql`select has_function_privilege('pg_control_system()', 'execute') as see`;
  if (may?.see !== true) return null;
  const [row] = await sql`
    select system_identifier || '/' || oid as id from pg_control_system(), pg_database
    where datname = current_database()`;
  return row?.id ?? null;
}
