import type { SQL } from "drizzle-orm";
import { and, count, desc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { instantText, pageIn, placeOf } from "../read/keyset.ts";
import { storedText } from "../read/stored-payload.query.ts";
import type { WaitingSelection } from "../read/waiting-deliveries.query.ts";
import { groupsOf, quarantinedBy } from "../read/waiting-deliveries.query.ts";
import { callRoutes } from "../schema/calls.table.ts";
import { processedWebhookEvents, quarantinedDeliveries } from "../schema/deliveries.table.ts";
import type { Change } from "./administration.ts";
import type { Actor } from "./audit.query.ts";
import { noteChange } from "./audit.query.ts";

/** A selection of quarantined deliveries. A field that is left out does not restrict it. */
export type QuarantineSelection = WaitingSelection & {
  /** Whether deliveries that were booked since are included. */
  readonly all?: boolean;
};

/** A waiting delivery without its content. The only personal datum in it is our own number. */
export type WaitingDelivery = Omit<
  typeof quarantinedDeliveries.$inferSelect,
  "alsoNamed" | "contentKey" | "events" | "payload"
>;

/** The data that are needed to read a quarantined delivery again. */
export type QuarantinedPayload = {
  readonly id: string;
  readonly provider: string;
  readonly accountId: string;
  readonly reason: string;
  readonly payload: string | null;
  readonly receivedAt: Date;
  readonly replayedAt: Date | null;
  /** Whether the translated events are stored with the delivery. */
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

/**
 * Returns a page of waiting deliveries, newest first, and the cursor of the next page. Throws DbError and
 * CursorRefused.
 */
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

/** Returns the ids of waiting deliveries, oldest first. Throws DbError. */
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

/** Returns the number of waiting deliveries. Throws DbError. */
export async function countWaiting(db: Change, selection: QuarantineSelection): Promise<number> {
  const [row] = await db.select({ waiting: count() }).from(q).where(waiting(selection));
  return row?.waiting ?? 0;
}

/** Returns all waiting deliveries, in groups. Throws DbError. */
export function groupWaiting(db: Change) {
  return groupsOf(db, isNull(q.replayedAt));
}

/** Returns `null` if there is no such delivery. Throws DbError. */
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

/** Returns the payload of the same call with which another payload was packed. */
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
  return found?.payload;
}

/**
 * Books the events that are stored with a delivery. Returns `null` if it has none, or does not exist. Throws DbError.
 */
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

/**
 * Deletes a waiting delivery and notes who did it. Returns `false` if no waiting delivery has this id. Throws DbError.
 */
export async function dropWaiting(db: Change, id: string, actor: Actor): Promise<boolean> {
  const gone = await db
    .delete(q)
    .where(and(eq(q.id, id), isNull(q.replayedAt)))
    .returning({ id: q.id });
  if (gone.length === 0) return false;
  await noteChange(db, { orgId: null, actor }, "quarantine.drop", ["quarantined_delivery", id]);
  return true;
}

function waiting({ all = false, ...selection }: QuarantineSelection): SQL | undefined {
  return and(all ? undefined : isNull(q.replayedAt), quarantinedBy(selection));
}
