import type { Json } from "@call-ledger/domain";
import type { Column, SQL } from "drizzle-orm";
import { sql } from "drizzle-orm";

/** A jsonb column as it is: Drizzle would parse a text that stands in it once more. */
export function document(column: Column): SQL<Json> {
  return sql<Json>`${column}`;
}
