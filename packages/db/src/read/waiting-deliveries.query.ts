import type { SQL } from "drizzle-orm";
import { and, count, desc, eq, inArray, isNull, or, sql } from "drizzle-orm";
import { z } from "zod";
import { quarantinedDeliveries } from "../schema/deliveries.table.ts";
import { agents, providerAccounts } from "../schema/organizations.table.ts";
import { instantText, pageIn, placeOf } from "./keyset.ts";
import type { Queries } from "./reader.ts";

const q = quarantinedDeliveries;
/** More groups than anybody reads. */
const MAX_GROUPS = 200;

/** Counts the deliveries of an organization that wait in quarantine. */
export async function countWaitingDeliveries(db: Queries, orgId: string): Promise<number> {
  const [found] = await db.select({ deliveries: count() }).from(q).where(waitingOf(db, orgId));
  return found?.deliveries ?? 0;
}

/** Returns the deliveries of an organization that wait in quarantine, in groups. */
export function groupWaitingDeliveries(db: Queries, orgId: string) {
  return groupsOf(db, waitingOf(db, orgId));
}

/** A selection of quarantined deliveries. A field that is left out does not restrict it. */
export type WaitingSelection = {
  readonly reasons?: readonly string[] | undefined;
  readonly accountId?: string | undefined;
  /** `none`: deliveries that name no agent. */
  readonly providerAgentId?: string | undefined;
  /** `none`: deliveries that name no number. */
  readonly ourNumber?: string | undefined;
  /** The first event of the delivery. */
  readonly eventId?: string | undefined;
};

/** Returns the condition of a selection. */
export function quarantinedBy({ reasons, accountId, providerAgentId, ourNumber, eventId }: WaitingSelection) {
  const named = (column: typeof q.providerAgentId | typeof q.ourNumber, name: string | undefined) =>
    name === "none" ? isNull(column) : name === undefined ? undefined : eq(column, name);
  return and(
    reasons && inArray(q.reason, [...reasons]),
    accountId === undefined ? undefined : eq(q.providerAccountId, accountId),
    named(q.providerAgentId, providerAgentId),
    named(q.ourNumber, ourNumber),
    eventId === undefined ? undefined : eq(q.contentKey, eventId),
  );
}

const placeSchema = z.tuple([z.literal("waiting"), instantText, z.uuid()]);

/** Returns a page of an organization's deliveries that wait in quarantine, newest first. Throws CursorRefused. */
export async function listWaitingDeliveries(
  db: Queries,
  orgId: string,
  selection: WaitingSelection,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
) {
  const after = cursor === undefined ? null : placeOf(placeSchema, cursor);
  const found = await db
    .select({
      id: q.id,
      reason: q.reason,
      eventType: q.eventType,
      providerCallId: q.providerCallId,
      receivedAt: q.receivedAt,
      place: sql<string>`${q.receivedAt}::text`,
    })
    .from(q)
    .where(
      and(
        waitingOf(db, orgId),
        quarantinedBy(selection),
        after === null
          ? undefined
          : sql`(${q.receivedAt}, ${q.id}) < (${after[1]}::timestamptz, ${after[2]}::uuid)`,
      ),
    )
    .orderBy(desc(q.receivedAt), desc(q.id))
    .limit(limit + 1);
  return pageIn(found, limit, (last) => ["waiting", last.place, last.id]);
}

/**
 * Groups quarantined deliveries by account, reason and agent, and by number if no agent is named. Returns at most 200
 * groups, the largest first. A group by agent has a number if its deliveries name only one. Throws DbError.
 */
export function groupsOf(db: Queries, condition: SQL | undefined) {
  return db
    .select({
      accountId: q.providerAccountId,
      provider: q.provider,
      reason: q.reason,
      providerAgentId: q.providerAgentId,
      ourNumber: sql<
        string | null
      >`case when count(distinct ${q.ourNumber}) = 1 then min(${q.ourNumber}) end`,
      deliveries: count(),
      oldestAt: sql`min(${q.receivedAt})`.mapWith(q.receivedAt),
      newestAt: sql`max(${q.receivedAt})`.mapWith(q.receivedAt),
    })
    .from(q)
    .where(condition)
    .groupBy(
      q.providerAccountId,
      q.provider,
      q.reason,
      q.providerAgentId,
      sql`case when ${q.providerAgentId} is null then ${q.ourNumber} end`,
    )
    .orderBy(desc(count()))
    .limit(MAX_GROUPS);
}

/**
 * Those of the organization's own accounts, and those of its live agents at the platform's account. A delivery that is
 * older than its agent, or points to two organizations, may be another organization's. The policy of the reader's role
 * says the same.
 */
function waitingOf(db: Queries, orgId: string): SQL | undefined {
  const own = db
    .select({ id: providerAccounts.id })
    .from(providerAccounts)
    .where(eq(providerAccounts.orgId, orgId));
  const ofAgent = sql`exists (select from ${agents} g where g.org_id = ${orgId} and g.deleted_at is null
    and g.provider_account_id = ${q.providerAccountId} and g.provider_agent_id = ${q.providerAgentId}
    and g.created_at <= ${q.receivedAt})`;
  return and(
    isNull(q.replayedAt),
    or(inArray(q.providerAccountId, own), and(sql`${q.reason} <> 'organization_conflict'`, ofAgent)),
  );
}
