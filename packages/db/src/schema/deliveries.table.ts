import { QUARANTINE_REASONS } from "@call-ledger/domain";
import { sql } from "drizzle-orm";
import { check, index, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { callPhase } from "./calls.table.ts";
import { bytea, createdAt, instant, ofAccount, oneOf } from "./organizations.table.ts";

/** The claim and the timeline: the row is the guard against booking an event twice. */
export const processedWebhookEvents = pgTable(
  "processed_webhook_events",
  {
    orgId: uuid("org_id").notNull(),
    eventId: text("event_id").notNull(),
    /** The provider's own name of the event. */
    eventType: text("event_type").notNull(),
    /** The phase that the event reports, if any. */
    phase: callPhase("phase"),
    /** Other facts of the event, in the provider's words; bounded in size, without secrets. */
    details: jsonb("details"),
    provider: text("provider").notNull(),
    providerCallId: text("provider_call_id").notNull(),
    providerDeliveryId: text("provider_delivery_id"),
    occurredAt: instant("occurred_at"),
    receivedAt: instant("received_at").notNull(),
    createdAt: createdAt(),
    /** The body without its secrets, packed as in write/payload-codec.ts; only on the first event of a delivery. */
    payload: bytea("payload"),
  },
  (t) => [
    primaryKey({ name: "idx_processed_events_org_event", columns: [t.orgId, t.eventId] }),
    // Without the time, because the events of a call are few to sort and share one entry.
    index("processed_webhook_events_timeline_idx").on(t.orgId, t.provider, t.providerCallId),
    index("processed_webhook_events_created_at_idx").on(t.createdAt),
  ],
);

/** Verified deliveries that could not be booked yet, with the reason. */
export const quarantinedDeliveries = pgTable(
  "quarantined_deliveries",
  {
    id: uuid("id").primaryKey().defaultRandom(),
    provider: text("provider").notNull(),
    providerAccountId: uuid("provider_account_id").notNull(),
    reason: text("reason").notNull(),
    /** The database's reason, in our words. It never contains a value. */
    detail: text("detail"),
    eventType: text("event_type").notNull(),
    providerCallId: text("provider_call_id"),
    providerAgentId: text("provider_agent_id"),
    providerPhoneNumberId: text("provider_phone_number_id"),
    ourNumber: text("our_number"),
    /** The other agents and numbers that it names, in the form that `call_ledger.agents_named` takes. */
    alsoNamed: jsonb("also_named"),
    /** The identity of a delivery: an event id, or a hash of bytes that could not be read. */
    contentKey: text("content_key").notNull(),
    /** The translated events, so that they can be booked without reading the payload again. */
    events: jsonb("events"),
    payload: bytea("payload"),
    receivedAt: instant("received_at").notNull(),
    replayedAt: instant("replayed_at"),
  },
  (t) => [
    ofAccount("quarantined_deliveries", t.providerAccountId),
    uniqueIndex("quarantined_deliveries_content_key").on(t.providerAccountId, t.contentKey),
    index("quarantined_deliveries_waiting_call_idx")
      .on(t.providerAccountId, t.providerCallId)
      .where(sql`${t.replayedAt} is null`),
    index("quarantined_deliveries_waiting_agent_idx")
      .on(t.providerAccountId, t.providerAgentId)
      .where(sql`${t.replayedAt} is null and ${t.reason} = 'unknown_agent'`),
    check("quarantined_deliveries_reason_known", sql`${t.reason} in (${oneOf(QUARANTINE_REASONS)})`),
  ],
);

/** The last heartbeat and counts of each background process. */
export const backgroundHeartbeats = pgTable("background_heartbeats", {
  name: text("name").primaryKey(),
  lastRunAt: instant("last_run_at").notNull(),
  result: jsonb("result"),
});
