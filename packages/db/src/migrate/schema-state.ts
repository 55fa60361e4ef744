import type postgres from "postgres";
import type { SchemaState } from "./compatibility.ts";

/** Returns the state of the schema; `null` if it was never migrated. */
export async function schemaState(sql: postgres.ISql): Promise<SchemaState | null> {
  const [found] = await sql`select to_regclass('call_ledger.schema_state') is not null as there`;
  if (found?.there !== true) return null;
  const [row] = await sql`select version, oldest_code from call_ledger.schema_state`;
  return row === undefined ? null : { version: Number(row.version), oldestCode: Number(row.oldest_code) };
}
