import { ATTENTION_MARKS, CHANNELS, DIRECTIONS, OUTCOMES, PHASES } from "@call-ledger/domain";
import { z } from "zod";
import {
  daySchema,
  documentSchema,
  dollarsSchema,
  idSchema,
  instantSchema,
  listOf,
  pageOf,
  pageQuery,
} from "./values.contract.ts";

/** Why somebody should look at a call: the domain's marks, and a recording that could not be kept. */
export const ATTENTION_REASONS = [...ATTENTION_MARKS, "recording_failed"] as const;

export const RECORDING_STATES = ["none", "pending", "fetching", "stored", "failed", "expired"] as const;

/** Fields that the credential's scopes do not cover are absent, not null. */
export const callSummarySchema = z
  .object({
    id: idSchema,
    provider: z.string(),
    provider_call_id: z.string(),
    agent: z.object({ id: idSchema, name: z.string().nullable() }).nullable(),
    direction: z.enum(DIRECTIONS),
    /** `null`: no event has named a phase yet. */
    phase: z.enum(PHASES).nullable(),
    /** `null` until the call has ended. */
    outcome: z.enum(OUTCOMES).nullable(),
    /** The provider's own word, and what it means as a sentence. */
    ended_reason: z.string().nullable(),
    ended_reason_text: z.string().nullable(),
    customer_number: z.string().nullable(),
    customer_name: z.string().nullable(),
    forwarded_to: z.string().nullable(),
    /** When the ledger first heard of the call, or when it ended if it was fetched later; what a call without a start is sorted by. */
    first_seen_at: instantSchema,
    started_at: instantSchema.nullable(),
    ended_at: instantSchema.nullable(),
    duration_seconds: z.int().nullable(),
    /** How often the caller spoke, at least; `null` if nothing tells. */
    caller_turns: z.int().nullable(),
    attention: z.array(z.enum(ATTENTION_REASONS)),
    /** Of the channel that is furthest; `none`: no report has named a recording. */
    recording_state: z.enum(RECORDING_STATES),
    tags: z.array(z.string()),
    external_ref: z.string().nullable(),
    updated_at: instantSchema,
    /** With the scope `costs:read`. */
    cost_usd: dollarsSchema.nullable().optional(),
  })
  .meta({ id: "CallSummary" });

/** What was said and done, in order. Seconds count from the start of the call; `null`: the provider does not say. */
export const conversationItemSchema = z
  .discriminatedUnion("kind", [
    z.object({
      kind: z.literal("speech"),
      role: z.enum(["caller", "agent", "other"]),
      text: z.string(),
      at_seconds: z.number().nullable(),
      end_seconds: z.number().nullable(),
      /** From the end of what was said before to the begin of this, where the agent answers the caller. */
      latency_ms: z.int().nullable(),
    }),
    z.object({
      kind: z.literal("tool_call"),
      id: z.string().nullable(),
      name: z.string(),
      arguments: documentSchema,
      /** `null`: there is none, or not yet. */
      result: documentSchema,
      at_seconds: z.number().nullable(),
      took_ms: z.int().nullable(),
    }),
  ])
  .meta({ id: "ConversationItem" });

export const callRecordingSchema = z
  .object({
    id: idSchema,
    channel: z.enum(CHANNELS),
    state: z.enum(["pending", "fetching", "stored", "failed", "expired"]),
    /** Why it is not stored, in words. */
    reason: z.string().nullable(),
    /** When the provider's copy is gone. */
    deadline: instantSchema.nullable(),
    waits_for_host: z.string().nullable(),
    attempts: z.int(),
    next_attempt_at: instantSchema.nullable(),
    size_bytes: z.int().nullable(),
    stored_at: instantSchema.nullable(),
    /** Whether `GET /calls/{call}/recording/peaks` has a waveform. */
    has_peaks: z.boolean(),
  })
  .meta({ id: "CallRecording" });

/** One part of what a call costs, as the provider names it. */
export const costPartSchema = z.object({
  name: z.string(),
  usd: dollarsSchema,
  /** What was counted, in the provider's unit; `null`: not said. */
  quantity: z.number().nullable(),
  unit: z.string().nullable(),
});

export const callSchema = callSummarySchema
  .extend({
    /** The organization's, by which people read the times. */
    time_zone: z.string(),
    our_number: z.string().nullable(),
    carrier_call_id: z.string().nullable(),
    ringing_at: instantSchema.nullable(),
    answered_at: instantSchema.nullable(),
    note: z.string().nullable(),
    external_url: z.url().nullable(),
    recordings: z.array(callRecordingSchema),
    /** These six with the scope `calls:details`. */
    conversation: z.array(conversationItemSchema).optional(),
    latency: z
      .object({ turns: z.int(), median_ms: z.int().nullable(), max_ms: z.int().nullable() })
      .optional(),
    summary: z.string().nullable().optional(),
    analysis: documentSchema.optional(),
    /** What else the reports say, by part. */
    details: documentSchema.optional(),
    metadata: documentSchema.optional(),
    /** With the scope `costs:read`. `given` is the provider's own breakdown. */
    costs: z.object({ parts: z.array(costPartSchema), given: documentSchema }).optional(),
    /** With the scope `prompts:read`. */
    prompts: z.array(z.object({ hash: z.string(), text: z.string() })).optional(),
  })
  .meta({ id: "Call" });

export const CALL_SORTS = ["start", "duration", "cost"] as const;

const filters = {
  agent: listOf(z.uuid()).optional(),
  provider: listOf(z.string().min(1).max(50)).optional(),
  phase: listOf(z.enum(PHASES)).optional(),
  outcome: listOf(z.enum(OUTCOMES)).optional(),
  direction: listOf(z.enum(DIRECTIONS)).optional(),
  /** By start; `from` is included, `to` is not. An instant, or a day of the organization's calendar. */
  from: z.union([instantSchema, daySchema]).optional(),
  to: z.union([instantSchema, daySchema]).optional(),
  /** Digits of the customer's number, in any writing; the end of a number is enough. */
  number: z.string().min(3).max(40).optional(),
  /** Words of the transcript and the summary; all have to occur. Needs the scope `calls:details`. */
  q: z.string().trim().min(2).max(200).optional(),
  attention: listOf(z.enum([...ATTENTION_REASONS, "any"])).optional(),
  recording_state: listOf(z.enum(RECORDING_STATES)).optional(),
  /** Of calls that have ended. `pending`: it is not overdue yet; one that is has `attention=missing_report`. */
  report_state: z.enum(["pending", "booked"]).optional(),
  tag: z.string().min(1).max(50).optional(),
  external_ref: z.string().min(1).max(200).optional(),
};

export const callFiltersSchema = z.object(filters);

/** Sorting by cost needs the scope `costs:read`. */
export const callListQuery = z.object({
  ...filters,
  sort: z.enum(CALL_SORTS).default("start"),
  order: z.enum(["desc", "asc"]).default("desc"),
  ...pageQuery,
});

export const callPageSchema = pageOf(callSummarySchema);

/** What people add to a call. A field that is left out stays; `null` removes it. */
export const callChangeSchema = z
  .strictObject({
    tags: z
      .array(z.string().trim().min(1).max(50))
      .max(20)
      .transform((tags) => [...new Set(tags)])
      .optional(),
    note: z.string().max(10_000).nullable().optional(),
    external_ref: z.string().trim().min(1).max(200).nullable().optional(),
    external_url: z
      .url({ protocol: /^https?$/ })
      .max(2_000)
      .nullable()
      .optional(),
  })
  .meta({ id: "CallChange" });

/** One booked event of a call. */
export const timelineEventSchema = z
  .object({
    id: z.string(),
    /** The provider's own name for what happened. */
    type: z.string(),
    /** When it happened, by the provider's clock. */
    occurred_at: instantSchema.nullable(),
    received_at: instantSchema,
    /** The phase that it tells; `null`: none. */
    phase: z.enum(PHASES).nullable(),
    /** `reconcile`: it was fetched from the provider's API. `adopted`: an older application had it. */
    source: z.enum(["webhook", "reconcile", "function", "adopted"]),
    /** Whether `GET /events/{event}/payload` has the delivery. */
    has_payload: z.boolean(),
    /** With the scope `calls:details`. */
    details: documentSchema.optional(),
  })
  .meta({ id: "TimelineEvent" });

export const timelineSchema = z.object({ data: z.array(timelineEventSchema) });

/** A stored delivery as it arrived, without its secrets. */
export const payloadSchema = z.object({
  event_id: z.string(),
  received_at: instantSchema,
  payload: documentSchema,
});

/** What reading a stored delivery again has done: `applied` if the rows have changed. */
export const replayResultSchema = z.object({
  event_id: z.string(),
  outcome: z.enum(["applied", "observed", "duplicate", "quarantined"]),
  reason: z.string().nullable(),
});

/** Where a recording can be fetched for a short while, without a credential. */
export const recordingLinkSchema = z.object({ url: z.string(), expires_at: instantSchema });

/** The waveform: for each channel, pairs of the smallest and the greatest sample of a stretch, from -1 to 1. */
export const peaksSchema = z.object({
  duration_seconds: z.number(),
  channels: z.array(z.array(z.number())),
});

/** The data of one server-sent event `call`: what has changed is to be read anew. `reset`: read all anew. */
export const callChangedSchema = z.object({
  id: idSchema,
  phase: z.enum(PHASES).nullable(),
  updated_at: instantSchema,
});

/** A simulated call that is coming in. */
export const testCallSchema = z.object({
  provider_call_id: z.string(),
  agent_id: idSchema,
  /** Until its report has come. */
  lasts_seconds: z.int(),
});

export const shareLinkSchema = z
  .object({
    id: idSchema,
    call_id: idSchema,
    created_at: instantSchema,
    created_by: z.string().nullable(),
    expires_at: instantSchema,
    revoked_at: instantSchema.nullable(),
  })
  .meta({ id: "ShareLink" });

/** `url` is shown once. */
export const newShareLinkSchema = shareLinkSchema.extend({ url: z.string() });

export const shareLinkRequestSchema = z.strictObject({
  expires_in_hours: z.int().min(1).max(720).default(72),
});

/** A call as a shared link shows it: no cost, no prompt, nothing of the organization's people. */
export const sharedCallSchema = callSchema
  .pick({
    direction: true,
    outcome: true,
    started_at: true,
    ended_at: true,
    duration_seconds: true,
    time_zone: true,
    customer_number: true,
    customer_name: true,
    summary: true,
    conversation: true,
  })
  .extend({
    agent_name: z.string().nullable(),
    organization_name: z.string(),
    expires_at: instantSchema,
    recording: recordingLinkSchema.nullable(),
    peaks: peaksSchema.nullable(),
  })
  .meta({ id: "SharedCall" });

export type CallSummary = z.output<typeof callSummarySchema>;
export type Call = z.output<typeof callSchema>;
export type ConversationItem = z.output<typeof conversationItemSchema>;
export type CallListQuery = z.output<typeof callListQuery>;
export type CallFilters = z.output<typeof callFiltersSchema>;
export type CallChange = z.output<typeof callChangeSchema>;
export type TimelineEvent = z.output<typeof timelineEventSchema>;
export type ShareLink = z.output<typeof shareLinkSchema>;
export type SharedCall = z.output<typeof sharedCallSchema>;
export type Peaks = z.output<typeof peaksSchema>;
