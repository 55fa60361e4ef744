import type { Json } from "@call-ledger/domain";
import type { Column, SQL } from "drizzle-orm";
import { sql } from "drizzle-orm";

/** Selects a jsonb column unchanged. Drizzle would parse a text in it a second time. */
export function document(column: Column): SQL<Json> {
  return sql<Json>`${column}`;
}

/** Selects a jsonb column as JSON text, so that the reader decides when and where it is parsed. */
export function documentText(column: Column): SQL<string | null> {
  return sql<string | null>`${column}::text`;
}

/** The max bytes of the texts of one call, beside the report. The text that exceeds it is the last one. */
export const MAX_BYTES = 4_194_304;

/** Selects the bytes of the texts before this one, in an order. */
export function bytesBefore(text: Column, order: Column | SQL): SQL<number> {
  return sql<number>`sum(octet_length(${text})) over (order by ${order}) - octet_length(${text})`;
}
