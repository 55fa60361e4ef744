import { and, asc, eq, sql } from "drizzle-orm";
import { calls } from "../schema/calls.table.ts";
import { processedWebhookEvents } from "../schema/deliveries.table.ts";
import { document } from "./columns.ts";
import type { Queries } from "./reader.ts";

/** The max number of events. Each has at most 4 KB of details. */
const MAX_EVENTS = 2_000;

/** Returns the first 2,000 booked events of a call by our id, in the order in which they happened. */
export async function readTimeline(db: Queries, orgId: string, callId: string) {
  const happened = sql`coalesce(${processedWebhookEvents.occurredAt}, ${processedWebhookEvents.receivedAt})`;
  return db
    .select({
      id: processedWebhookEvents.eventId,
      type: processedWebhookEvents.eventType,
      occurredAt: processedWebhookEvents.occurredAt,
      receivedAt: processedWebhookEvents.receivedAt,
      phase: processedWebhookEvents.phase,
      hasPayload: sql<boolean>`${processedWebhookEvents.payload} is not null`,
      details: document(processedWebhookEvents.details),
    })
    .from(processedWebhookEvents)
    .innerJoin(
      calls,
      and(
        eq(calls.orgId, processedWebhookEvents.orgId),
        eq(calls.provider, processedWebhookEvents.provider),
        eq(calls.providerCallId, processedWebhookEvents.providerCallId),
      ),
    )
    .where(and(eq(calls.orgId, orgId), eq(processedWebhookEvents.orgId, orgId), eq(calls.id, callId)))
    .orderBy(happened, asc(processedWebhookEvents.createdAt), asc(processedWebhookEvents.eventId))
    .limit(MAX_EVENTS);
}
