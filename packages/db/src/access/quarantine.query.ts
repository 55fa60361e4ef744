import type { SQL } from "drizzle-orm";
import { and, count, desc, eq, inArray, isNotNull, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { instantText, pageIn, placeOf } from "../read/keyset.ts";
import { storedText } from "../read/stored-payload.query.ts";
import { callRoutes } from "../schema/calls.table.ts";
import { processedWebhookEvents, quarantinedDeliveries } from "../schema/deliveries.table.ts";
import type { Change } from "./administration.ts";
import type { AuditedChange } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

/** Which of the deliveries that wait, or of all; what is left out selects nothing. */
export type QuarantineSelection = {
  /** Those that were booked since, too. */
  readonly all?: boolean;
  readonly reasons?: readonly string[] | undefined;
  readonly accountId?: string | undefined;
  readonly providerAgentId?: string | undefined;
};

/** A delivery that waits, without its content: nothing in it is a person's but our own number. */
export type WaitingDelivery = Omit<
  typeof quarantinedDeliveries.$inferSelect,
  "contentKey" | "events" | "payload"
>;

/** What is needed to read a quarantined delivery again. */
export type QuarantinedPayload = {
  readonly id: string;
  readonly provider: string;
  readonly accountId: string;
  readonly reason: string;
  readonly payload: string | null;
  readonly receivedAt: Date;
  readonly replayedAt: Date | null;
  /** Whether the translated events are stored with it. */
  readonly translated: boolean;
};

const q = quarantinedDeliveries;

const columns = {
  id: q.id,
  provider: q.provider,
  providerAccountId: q.providerAccountId,
  reason: q.reason,
  detail: q.detail,
  eventType: q.eventType,
  providerCallId: q.providerCallId,
  providerAgentId: q.providerAgentId,
  providerPhoneNumberId: q.providerPhoneNumberId,
  ourNumber: q.ourNumber,
  receivedAt: q.receivedAt,
  replayedAt: q.replayedAt,
};

const placeSchema = z.tuple([instantText, z.uuid()]);

/** A page of those that wait, the newest first, and the cursor of the next one. Throws DbError and CursorRefused. */
export async function listWaiting(
  db: Change,
  selection: QuarantineSelection,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ rows: WaitingDelivery[]; nextCursor: string | null }> {
  const after = cursor === undefined ? undefined : placeOf(placeSchema, cursor);
  const found = await db
    .select({ ...columns, place: sql<string>`${q.receivedAt}::text` })
    .from(q)
    .where(
      and(
        waiting(selection),
        after && sql`(${q.receivedAt}, ${q.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
      ),
    )
    .orderBy(desc(q.receivedAt), desc(q.id))
    .limit(limit + 1);
  const { rows, nextCursor } = pageIn(found, limit, (last) => [last.place, last.id]);
  return { rows: rows.map(({ place: _, ...row }) => row), nextCursor };
}

/** The ids of those that wait, the oldest first. Throws DbError. */
export async function oldestWaiting(
  db: Change,
  selection: QuarantineSelection,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .select({ id: q.id })
    .from(q)
    .where(waiting(selection))
    .orderBy(q.receivedAt, q.id)
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** How many wait. Throws DbError. */
export async function countWaiting(db: Change, selection: QuarantineSelection): Promise<number> {
  const [row] = await db.select({ waiting: count() }).from(q).where(waiting(selection));
  return row?.waiting ?? 0;
}

/**
 * What waits by account, reason and agent, and by number where no agent is named: at most 200 groups, the largest
 * first. An agent's number is told if its deliveries name only one. Throws DbError.
 */
export function groupWaiting(db: Change) {
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
    .where(isNull(q.replayedAt))
    .groupBy(
      q.providerAccountId,
      q.provider,
      q.reason,
      q.providerAgentId,
      sql`case when ${q.providerAgentId} is null then ${q.ourNumber} end`,
    )
    .orderBy(desc(count()))
    .limit(200);
}

/** `null`: there is no such delivery. Throws DbError. */
export async function findWaiting(
  db: Change,
  id: string,
): Promise<{ readonly delivery: WaitingDelivery; readonly payload: QuarantinedPayload } | null> {
  const [row] = await db
    .select({ ...columns, payload: q.payload, translated: sql<boolean>`${q.events} is not null` })
    .from(q)
    .where(eq(q.id, id));
  if (row === undefined) return null;
  const { payload, translated, ...delivery } = row;
  const { provider, providerAccountId: accountId, reason, receivedAt, replayedAt } = delivery;
  const text = payload && (await storedText(payload, (key) => referenceOf(db, delivery, key)));
  return {
    delivery,
    payload: { id, provider, accountId, reason, payload: text, receivedAt, replayedAt, translated },
  };
}

/** The payload that another of the same call was packed with. */
async function referenceOf(db: Change, delivery: WaitingDelivery, key: string) {
  const event = processedWebhookEvents;
  const [found] = await db
    .select({ payload: event.payload })
    .from(callRoutes)
    .innerJoin(
      event,
      and(eq(event.orgId, callRoutes.orgId), eq(event.providerCallId, callRoutes.providerCallId)),
    )
    .where(
      and(
        eq(event.provider, delivery.provider),
        eq(callRoutes.providerAccountId, delivery.providerAccountId),
        eq(callRoutes.providerCallId, delivery.providerCallId ?? ""),
        sql`starts_with(split_part(${event.eventId}, ':', 2), ${key})`,
        isNotNull(event.payload),
      ),
    );
  return found?.payload ?? undefined;
}

/** Books the events that a delivery is stored with; `null`: it has none, or is not there. Throws DbError. */
export async function replayTranslated(
  db: Change,
  id: string,
): Promise<{ outcome: string; reason: string | null } | null> {
  const [row] = await db.execute<{ result: unknown }>(
    sql`select call_ledger.replay_quarantined(${id}::uuid) as result`,
  );
  return resultSchema.parse(row?.result ?? null);
}

const resultSchema = z.object({ outcome: z.string(), reason: z.string().nullable() }).nullable();

/** Notes that a delivery is booked. Throws DbError. */
export async function markBooked(db: Change, id: string): Promise<void> {
  await db
    .update(q)
    .set({ replayedAt: sql`now()`, payload: null })
    .where(and(eq(q.id, id), isNull(q.replayedAt)));
}

/** Deletes a delivery that waits and notes who did; `false`: none does under this id. Throws DbError. */
export async function dropWaiting(db: Change, id: string, actor: AuditedChange["actor"]): Promise<boolean> {
  const gone = await db
    .delete(q)
    .where(and(eq(q.id, id), isNull(q.replayedAt)))
    .returning({ id: q.id });
  if (gone.length === 0) return false;
  const object = { kind: "quarantined_delivery", id };
  await noteChange(db, { orgId: null, actor, action: "quarantine.drop", object });
  return true;
}

function waiting({ all = false, reasons, accountId, providerAgentId }: QuarantineSelection): SQL | undefined {
  return and(
    all ? undefined : isNull(q.replayedAt),
    reasons && inArray(q.reason, [...reasons]),
    accountId === undefined ? undefined : eq(q.providerAccountId, accountId),
    providerAgentId === undefined ? undefined : eq(q.providerAgentId, providerAgentId),
  );
}
