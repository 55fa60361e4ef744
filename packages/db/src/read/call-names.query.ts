import { and, eq, inArray, sql } from "drizzle-orm";
import { calls } from "../schema/calls.table.ts";
import type { Queries } from "./reader.ts";

/** Returns a name of each call by its id: the customer's name or number, or the provider's id. Throws DbError. */
export async function readCallNames(
  db: Queries,
  orgId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({
      id: calls.id,
      name: sql<string>`coalesce(${calls.customerName}, ${calls.customerNumber}, ${calls.providerCallId})`,
    })
    .from(calls)
    .where(and(eq(calls.orgId, orgId), inArray(calls.id, [...ids])));
  return new Map(rows.map(({ id, name }) => [id, name]));
}
