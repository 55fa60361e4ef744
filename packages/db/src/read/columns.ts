import type { Json } from "@call-ledger/domain";
import type { Column, SQL } from "drizzle-orm";
import { sql } from "drizzle-orm";

/** Selects a jsonb column unchanged. Drizzle would parse a text in it a second time. */
export function document(column: Column): SQL<Json> {
  return sql<Json>`${column}`;
}
