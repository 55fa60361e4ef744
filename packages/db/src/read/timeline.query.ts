import { and, asc, eq, sql } from "drizzle-orm";
import { calls } from "../schema/calls.table.ts";
import { processedWebhookEvents } from "../schema/deliveries.table.ts";
import { document } from "./columns.ts";
import type { Queries } from "./reader.ts";

/** The max number of events. Each has at most 4 KB of details. */
const MAX_EVENTS = 2_000;

const events = processedWebhookEvents;

const isReport = sql<boolean>`${events.eventId} like 'reported:%'`;

/** The phase to which an event brings a call. A report names none, and ends the call. */
const broughtPhase = sql`case when ${isReport} then 'ended'::public.call_phase
  else ${events.phase} end`;

/** Whether the call had no phase or an earlier one when the event was booked. */
const changedPhase = sql<boolean>`coalesce(
  ${broughtPhase} > max(${broughtPhase}) over (
    order by ${events.createdAt}, ${events.receivedAt}, ${broughtPhase}, ${events.eventId}
    rows between unbounded preceding and 1 preceding),
  ${broughtPhase} is not null)`;

/** Returns the first 2,000 booked events of a call by our id, in the order in which they happened. */
export async function readTimeline(db: Queries, orgId: string, callId: string) {
  const happened = sql`coalesce(${events.occurredAt}, ${events.receivedAt})`;
  return db
    .select({
      id: events.eventId,
      type: events.eventType,
      occurredAt: events.occurredAt,
      receivedAt: events.receivedAt,
      phase: events.phase,
      changedPhase,
      isReport,
      hasPayload: sql<boolean>`${events.payload} is not null`,
      details: document(events.details),
    })
    .from(events)
    .innerJoin(
      calls,
      and(
        eq(calls.orgId, events.orgId),
        eq(calls.provider, events.provider),
        eq(calls.providerCallId, events.providerCallId),
      ),
    )
    .where(and(eq(calls.orgId, orgId), eq(events.orgId, orgId), eq(calls.id, callId)))
    .orderBy(happened, asc(events.createdAt), asc(events.eventId))
    .limit(MAX_EVENTS);
}
