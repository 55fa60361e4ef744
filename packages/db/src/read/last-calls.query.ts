import { desc, eq, max, sql } from "drizzle-orm";
import { calls } from "../schema/calls.table.ts";
import type { Reader } from "./reader.ts";

/** The number of an organization's newest calls that are considered. */
const LOOKED_AT = 10_000;

/**
 * Returns when the last call of each agent began, or was first seen, among the organization's newest 10,000. Throws
 * DbError.
 */
export async function readLastCalls(reader: Reader, orgId: string): Promise<ReadonlyMap<string, Date>> {
  const rows = await reader.as(orgId, (db) => {
    const began = sql`coalesce(${calls.startedAt}, ${calls.createdAt})`;
    const newest = db
      .select({ agentId: calls.agentId, began: began.mapWith(calls.createdAt).as("began") })
      .from(calls)
      .where(eq(calls.orgId, orgId))
      .orderBy(desc(began))
      .limit(LOOKED_AT)
      .as("newest");
    return db
      .select({ agentId: newest.agentId, last: max(newest.began) })
      .from(newest)
      .groupBy(newest.agentId);
  });
  return new Map(
    rows.flatMap(({ agentId, last }) =>
      agentId === null || last === null ? [] : [[agentId, new Date(last)]],
    ),
  );
}
