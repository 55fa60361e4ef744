import { and, asc, count, eq, gte, inArray, lt, sql } from "drizzle-orm";
import { calls } from "../schema/calls.table.ts";
import { agents, organizations } from "../schema/organizations.table.ts";
import { hasAgent, startOrFirstSeen } from "./call-filters.ts";
import type { Queries } from "./reader.ts";

export type StatsQuestion = {
  /** Days of the organization's calendar, both included, such as `2026-03-04`. */
  readonly from: string;
  readonly to: string;
  readonly groupBy: readonly ("day" | "agent" | "outcome")[];
  /** Agents' ids; `none`: calls without an agent. */
  readonly agent?: readonly string[] | undefined;
  readonly outcome?: readonly string[] | undefined;
};

const zone = sql`${organizations.timeZone}`;

/**
 * Returns calls, their seconds and dollars by day, agent or outcome. A day lasts from midnight to midnight in the
 * organization's time zone: 23 or 25 hours when its clocks change. A column by which rows are not grouped is null.
 */
export async function readStats(db: Queries, orgId: string, question: StatsQuestion) {
  const { from, to, groupBy, agent, outcome } = question;
  const startOf = (day: string, plus: number) =>
    sql`((${day}::date + ${plus}::integer)::timestamp at time zone
      (select o.time_zone from ${organizations} o where o.id = ${orgId}))`;
  const groups = {
    day: sql<string | null>`to_char(${startOrFirstSeen} at time zone ${zone}, 'YYYY-MM-DD')`,
    agent: calls.agentId,
    outcome: calls.outcome,
  };
  const is = (group: "day" | "agent" | "outcome") => groupBy.includes(group);
  const agentName = is("agent") ? sql<string | null>`max(${agents.name})` : sql<null>`null`;
  // Groups by the place in the list of columns, because the same expression with other parameters would be another
  // expression.
  const places = (["day", "agent", "outcome"] as const).flatMap((group, place) =>
    is(group) ? [sql.raw(String(place + 1))] : [],
  );
  return db
    .select({
      day: is("day") ? groups.day : sql<null>`null`,
      agentId: is("agent") ? groups.agent : sql<null>`null`,
      outcome: is("outcome") ? groups.outcome : sql<null>`null`,
      agentName,
      calls: count(),
      durationSeconds: sql<string>`coalesce(sum(${calls.durationSeconds}), 0)::text`,
      costUsd: sql<string>`coalesce(sum(${calls.costUsd}), 0)::text`,
    })
    .from(calls)
    .innerJoin(organizations, eq(organizations.id, calls.orgId))
    .leftJoin(agents, and(eq(agents.orgId, calls.orgId), eq(agents.id, calls.agentId)))
    .where(
      and(
        eq(calls.orgId, orgId),
        gte(startOrFirstSeen, startOf(from, 0)),
        lt(startOrFirstSeen, startOf(to, 1)),
        agent && hasAgent(agent),
        outcome && inArray(calls.outcome, [...outcome]),
      ),
    )
    .groupBy(...places)
    .orderBy(...places.map((place) => asc(place)));
}

/** Returns the organization's time zone; `null` if the organization does not exist. */
export async function readTimeZone(db: Queries, orgId: string): Promise<string | null> {
  const [row] = await db
    .select({ timeZone: organizations.timeZone })
    .from(organizations)
    .where(eq(organizations.id, orgId));
  return row?.timeZone ?? null;
}
