import { and, asc, eq, gte, inArray, isNotNull, lt, sql } from "drizzle-orm";
import { z } from "zod";
import { calls } from "../schema/calls.table.ts";
import { callPrompts, prompts } from "../schema/conversation.table.ts";
import { processedWebhookEvents } from "../schema/deliveries.table.ts";
import { bytesBefore, MAX_BYTES } from "./columns.ts";
import { instantText, pageIn, placeOf } from "./keyset.ts";
import type { Queries } from "./reader.ts";
import { storedText } from "./stored-payload.query.ts";

const events = processedWebhookEvents;

/** A booked event with the delivery that is stored with it. */
export type StoredEvent = {
  readonly id: string;
  readonly provider: string;
  /** The account of the call. */
  readonly accountId: string;
  readonly receivedAt: Date;
  /** The body as JSON text; `null`: it is not stored, or was removed. */
  readonly payload: string | null;
};

const columns = {
  id: events.eventId,
  provider: events.provider,
  providerCallId: events.providerCallId,
  accountId: calls.providerAccountId,
  callId: calls.id,
  receivedAt: events.receivedAt,
  // Drizzle's driver returns the bytes unchanged.
  packed: events.payload,
};

const ofCall = and(
  eq(calls.orgId, events.orgId),
  eq(calls.provider, events.provider),
  eq(calls.providerCallId, events.providerCallId),
);

/**
 * Returns one of the organization's events; `null` if there is none. With `showsPrompts`, references to prompts are
 * replaced by the prompts.
 */
export async function readStoredEvent(db: Queries, orgId: string, eventId: string) {
  const [row] = await db
    .select(columns)
    .from(events)
    .innerJoin(calls, ofCall)
    .where(and(eq(events.orgId, orgId), eq(events.eventId, eventId)));
  return row === undefined ? null : { ...(await withPayload(db, orgId, row)), callId: row.callId };
}

/** Returns the prompts to which a call refers, up to about 4 MB. */
export async function readPromptsOf(db: Queries, orgId: string, callId: string) {
  const sized = db
    .select({
      hash: prompts.hash,
      text: prompts.text,
      before: bytesBefore(prompts.text, prompts.hash).as("before"),
    })
    .from(callPrompts)
    .innerJoin(prompts, and(eq(prompts.orgId, callPrompts.orgId), eq(prompts.hash, callPrompts.hash)))
    .where(and(eq(callPrompts.orgId, orgId), eq(callPrompts.callId, callId)))
    .as("sized");
  return db
    .select({ hash: sized.hash, text: sized.text })
    .from(sized)
    .where(lt(sized.before, MAX_BYTES))
    .orderBy(asc(sized.hash));
}

export type EventSelection = {
  /** Filters by the time of booking: `from` is included, `to` is not. */
  readonly from: string;
  readonly to: string;
  readonly provider?: string | undefined;
  readonly agentId?: string | undefined;
};

/** The max bytes of one page, stored and unpacked. A page has at least one delivery. */
const MAX_PACKED_BYTES = 4_194_304;
const MAX_UNPACKED_BYTES = 16_777_216;

const placeSchema = z.tuple([z.literal("events"), instantText, z.string().max(300)]);

/**
 * Returns the next events of an organization in the order of their booking, with their payloads: `limit` of them, or
 * fewer if they are large. Throws CursorRefused.
 */
export async function nextStoredEvents(
  db: Queries,
  orgId: string,
  { from, to, provider, agentId }: EventSelection,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
) {
  const place = cursor === undefined ? null : placeOf(placeSchema, cursor);
  const found = await db
    .select({
      ...columns,
      packed: sql<null>`null`,
      bytes: sql<number>`coalesce(octet_length(${events.payload}), 0)`,
      bookedAt: sql<string>`${events.createdAt}::text`,
    })
    .from(events)
    .innerJoin(calls, ofCall)
    .where(
      and(
        eq(events.orgId, orgId),
        gte(events.createdAt, sql`${from}::timestamptz`),
        lt(events.createdAt, sql`${to}::timestamptz`),
        place === null
          ? undefined
          : sql`(${events.createdAt}, ${events.eventId}) > (${place[1]}::timestamptz, ${place[2]})`,
        provider === undefined ? undefined : eq(events.provider, provider),
        agentId === undefined ? undefined : eq(calls.agentId, agentId),
      ),
    )
    .orderBy(asc(events.createdAt), asc(events.eventId))
    .limit(limit + 1);
  const stored = await withPayloads(db, orgId, found.slice(0, limit));
  const { nextCursor } = pageIn(found, stored.length, (last) => ["events", last.bookedAt, last.id]);
  return { events: stored, nextCursor };
}

/** Reads the payloads of the first rows, as many as the limits of a page allow. */
async function withPayloads(
  db: Queries,
  orgId: string,
  rows: readonly (PackedRow & { readonly bytes: number })[],
): Promise<StoredEvent[]> {
  let bytes = 0;
  const chosen = rows.filter((row, place) => {
    bytes += row.bytes;
    return place === 0 || bytes <= MAX_PACKED_BYTES;
  });
  const packed = await db
    .select({ id: events.eventId, provider: events.provider, packed: events.payload })
    .from(events)
    .where(
      and(
        eq(events.orgId, orgId),
        inArray(
          events.eventId,
          chosen.map(({ id }) => id),
        ),
      ),
    );
  const payloads = new Map(packed.map((row) => [`${row.provider} ${row.id}`, row.packed]));
  const stored: StoredEvent[] = [];
  let unpackedBytes = 0;
  for (const row of chosen) {
    if (unpackedBytes > MAX_UNPACKED_BYTES) break;
    const event = await withPayload(db, orgId, {
      ...row,
      packed: payloads.get(`${row.provider} ${row.id}`) ?? null,
    });
    unpackedBytes += event.payload?.length ?? 0;
    stored.push(event);
  }
  return stored;
}

type PackedRow = Omit<StoredEvent, "payload"> & {
  readonly providerCallId: string;
  readonly packed: Buffer | null;
};

async function withPayload(db: Queries, orgId: string, row: PackedRow): Promise<StoredEvent> {
  const { id, provider, accountId, receivedAt, packed } = row;
  const payload = packed && (await storedText(packed, (key) => payloadOfCall(db, orgId, row, key)));
  return { id, provider, accountId, receivedAt, payload };
}

/** Returns the payload of the same call whose event's digest begins with `key`. */
async function payloadOfCall(db: Queries, orgId: string, row: PackedRow, key: string) {
  const [found] = await db
    .select({ packed: events.payload })
    .from(events)
    .where(
      and(
        eq(events.orgId, orgId),
        inArray(events.provider, [row.provider]),
        eq(events.providerCallId, row.providerCallId),
        sql`starts_with(split_part(${events.eventId}, ':', 2), ${key})`,
        isNotNull(events.payload),
      ),
    )
    .limit(1);
  return found?.packed;
}
