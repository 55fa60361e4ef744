import { PHASES } from "@call-ledger/domain";
import { z } from "zod";
import { documentSchema, idSchema, instantSchema } from "./values.contract.ts";

/** One booked event of a call. */
export const timelineEventSchema = z
  .object({
    id: z.string(),
    type: z.string().describe("The provider's own name of the event."),
    occurred_at: instantSchema.nullable().describe("When the event happened, by the provider's clock."),
    received_at: instantSchema,
    phase: z.enum(PHASES).nullable().describe("The phase that the event reports; `null`: none."),
    changed_phase: z
      .boolean()
      .describe(
        "Whether it brought the call to a later phase when it was booked. A report brings it to `ended`.",
      ),
    is_report: z.boolean().describe("Whether the event is the provider's report of the call."),
    source: z
      .enum(["webhook", "reconcile", "function", "adopted"])
      .describe(
        "`reconcile`: the event was fetched from the provider's API. `adopted`: it comes from an older application.",
      ),
    has_payload: z.boolean().describe("Whether `GET /events/{event}/payload` has the delivery."),
    details: documentSchema.optional().describe("With the scope `calls:details`."),
  })
  .meta({ id: "TimelineEvent" });

export const timelineSchema = z.object({ data: z.array(timelineEventSchema) });

/** A stored delivery as it arrived, without its secrets. */
export const payloadSchema = z.object({
  event_id: z.string(),
  received_at: instantSchema,
  payload: documentSchema,
});

/** The result of a replay of a stored delivery. `applied`: it changed the call. */
export const replayResultSchema = z.object({
  event_id: z.string(),
  outcome: z.enum(["applied", "observed", "duplicate", "quarantined"]),
  reason: z.string().nullable(),
});

export const eventReplaySchema = z.strictObject({
  from: instantSchema,
  to: instantSchema,
  provider: z.string().min(1).max(50).optional(),
  agent_id: idSchema.optional(),
  limit: z.int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional(),
});

export const eventReplayProgressSchema = z.object({
  replayed: z.int().describe("Deliveries that were read again: the sum of the five counts after it."),
  applied: z.int().describe("They changed a call."),
  observed: z.int().describe("They say nothing that a call keeps."),
  duplicates: z.int().describe("Their events were booked before."),
  quarantined: z.int().describe("They wait in quarantine, for example because nobody has their agent."),
  unreadable: z.int().describe("This release cannot read them."),
  without_payload: z.int().describe("Events without a stored delivery, which are not read."),
  next_cursor: z.string().nullable(),
});

export type TimelineEvent = z.output<typeof timelineEventSchema>;
