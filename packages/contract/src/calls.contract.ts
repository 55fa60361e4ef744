import { ATTENTION_MARKS, CHANNELS, DIRECTIONS, OUTCOMES, PHASES } from "@call-ledger/domain";
import { z } from "zod";
import {
  agentFilter,
  daySchema,
  documentSchema,
  dollarsSchema,
  idSchema,
  instantSchema,
  listOf,
  pageOf,
  pageQuery,
} from "./values.contract.ts";

/** The reasons why a person should look at a call: the domain's marks, and a recording that could not be stored. */
export const ATTENTION_REASONS = [...ATTENTION_MARKS, "recording_failed"] as const;
const ATTENTION_CHOICES = [...ATTENTION_REASONS, "any", "none"] as const;

export const RECORDING_STATES = ["none", "pending", "fetching", "stored", "failed", "expired"] as const;

/** A call in a list. Fields that the credential's scopes do not cover are absent, not null. */
export const callSummarySchema = z
  .object({
    id: idSchema,
    provider: z.string(),
    provider_call_id: z.string(),
    agent: z.object({ id: idSchema, name: z.string().nullable() }).nullable(),
    direction: z.enum(DIRECTIONS),
    phase: z.enum(PHASES).nullable().describe("`null`: no event has named a phase yet."),
    outcome: z.enum(OUTCOMES).nullable().describe("`null` until the call has ended."),
    ended_reason: z.string().nullable().describe("The provider's own word."),
    ended_reason_text: z.string().nullable().describe("The meaning of the provider's word, as a sentence."),
    customer_number: z.string().nullable(),
    customer_name: z.string().nullable(),
    forwarded_to: z.string().nullable(),
    first_seen_at: instantSchema.describe(
      "When the ledger received the call's first event, or when the call ended if it was fetched later. Calls without a start are sorted by it.",
    ),
    started_at: instantSchema.nullable(),
    ended_at: instantSchema.nullable(),
    duration_seconds: z.int().nullable(),
    caller_turns: z
      .int()
      .nullable()
      .describe("Lower bound of the number of times that the customer spoke; `null`: unknown."),
    attention: z.array(z.enum(ATTENTION_REASONS)),
    recording_state: z
      .enum(RECORDING_STATES)
      .describe("The state of the most advanced channel. `none`: no report has named a recording."),
    tags: z.array(z.string()),
    external_ref: z.string().nullable(),
    updated_at: instantSchema,
    cost_usd: dollarsSchema.nullable().optional().describe("With the scope `costs:read`."),
  })
  .meta({ id: "CallSummary" });

export const utteranceSchema = z.object({
  kind: z.literal("speech"),
  role: z
    .enum(["caller", "agent", "other"])
    .describe("`caller`: the customer, also if the agent made the call."),
  text: z.string(),
  at_seconds: z.number().nullable(),
  end_seconds: z.number().nullable(),
  latency_ms: z
    .int()
    .nullable()
    .describe(
      "For an answer of the agent: the time from the end of the customer's utterance to the begin of the answer.",
    ),
});

/** An utterance or a tool call. Seconds count from the start of the call; `null` if the provider gives no time. */
export const conversationItemSchema = z
  .discriminatedUnion("kind", [
    utteranceSchema,
    z.object({
      kind: z.literal("tool_call"),
      id: z.string().nullable(),
      name: z.string(),
      arguments: documentSchema,
      result: documentSchema.describe("`null`: the tool has no result, or has none yet."),
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
    reason: z.string().nullable().describe("Why the recording is not stored, as a sentence."),
    deadline: instantSchema.nullable().describe("When the provider deletes its copy."),
    waits_for_host: z.string().nullable(),
    attempts: z.int(),
    next_attempt_at: instantSchema.nullable(),
    size_bytes: z.int().nullable(),
    stored_at: instantSchema.nullable(),
    has_peaks: z.boolean().describe("Whether `GET /calls/{call}/recording/peaks` has a waveform."),
  })
  .meta({ id: "CallRecording" });

/** One part of the cost of a call, as the provider names it. */
export const costPartSchema = z.object({
  name: z.string(),
  usd: dollarsSchema,
  quantity: z
    .number()
    .nullable()
    .describe(
      "The quantity that was charged, in the provider's unit; `null` if the provider does not give it.",
    ),
  unit: z.string().nullable(),
});

export const callSchema = callSummarySchema
  .extend({
    time_zone: z.string().describe("The organization's time zone, in which people read the times."),
    our_number: z.string().nullable(),
    carrier_call_id: z.string().nullable(),
    provider_account_id: idSchema.describe("The account at the provider to which the call belongs."),
    ringing_at: instantSchema.nullable(),
    answered_at: instantSchema.nullable(),
    awaits_report: z.boolean().describe("Whether no report of the call was booked yet."),
    summary: z.string().nullable().describe("The provider's summary of the conversation."),
    note: z.string().nullable(),
    external_url: z.url().nullable(),
    recordings: z.array(callRecordingSchema).optional().describe("With the scope `recordings:read`."),
    forwarded_to_name: z
      .string()
      .nullable()
      .optional()
      .describe(
        "Who or what is at the place to which the call was put through, if the provider names it. With the scope `calls:details`.",
      ),
    conversation: z
      .array(conversationItemSchema)
      .optional()
      .describe("The first 5,000 utterances and tool calls, in order. With the scope `calls:details`."),
    latency: z
      .object({ turns: z.int(), median_ms: z.int().nullable(), max_ms: z.int().nullable() })
      .optional()
      .describe("From the customer's last word to the agent's first. With the scope `calls:details`."),
    analysis: documentSchema.optional().describe("The provider's analysis. With the scope `calls:details`."),
    details: documentSchema
      .optional()
      .describe("Other facts of the reports, by part. With the scope `calls:details`."),
    metadata: documentSchema
      .optional()
      .describe("Metadata that your program gave to the provider. With the scope `calls:details`."),
    costs: z
      .object({ parts: z.array(costPartSchema), given: documentSchema })
      .optional()
      .describe("With the scope `costs:read`. `given` is the provider's own breakdown."),
    prompts: z
      .array(z.object({ hash: z.string(), text: z.string() }))
      .optional()
      .describe("With the scope `prompts:read`."),
  })
  .meta({ id: "Call" });

export const CALL_SORTS = ["start", "duration", "cost"] as const;

const INSTANT_OR_DAY = z.union([instantSchema, daySchema], {
  error: "is not a day such as 2026-03-04, or a time in UTC such as 2026-03-04T09:15:02Z",
});

const filters = {
  agent: agentFilter,
  provider: listOf(z.string().min(1).max(50), "names of providers").optional(),
  phase: listOf(z.enum(PHASES), PHASES).optional(),
  outcome: listOf(z.enum(OUTCOMES), OUTCOMES).optional(),
  direction: listOf(z.enum(DIRECTIONS), DIRECTIONS).optional(),
  from: INSTANT_OR_DAY.optional().describe(
    "Calls that started at this time or later. An instant, or a day of the organization's calendar. A call without a start is selected by the time at which it was first seen.",
  ),
  to: INSTANT_OR_DAY.optional().describe(
    "Calls that started before this time: `to` itself is not included. An instant, or a day of the organization's calendar; the calls of 4 March are `from=2026-03-04&to=2026-03-05`. In `/stats` the last day is included.",
  ),
  number: z
    .string()
    .min(3)
    .max(40)
    .optional()
    .describe(
      "Digits of the customer's number, or of the one to which the call was forwarded, in any format; the last digits are enough.",
    ),
  q: z
    .string()
    .trim()
    .min(2)
    .max(200)
    .optional()
    .describe("Words that all occur in the transcript or the summary. Needs the scope `calls:details`."),
  attention: listOf(z.enum(ATTENTION_CHOICES), ATTENTION_CHOICES)
    .optional()
    .describe("Marks of calls. `any`: calls with a mark. `none`: calls without one."),
  recording_state: listOf(z.enum(RECORDING_STATES), RECORDING_STATES).optional(),
  recording_deadline_within_hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(720)
    .optional()
    .describe(
      "Calls with a recording that is not stored yet, and that the provider deletes within so many hours.",
    ),
  report_state: z
    .enum(["pending", "booked"])
    .optional()
    .describe(
      "Only calls that have ended. `pending`: the report is not overdue yet; a call whose report is overdue has `attention=missing_report`.",
    ),
  tag: z.string().min(1).max(50).optional().describe("A tag that the call has."),
  external_ref: z.string().min(1).max(200).optional().describe("Your own id of the call, as set with PATCH."),
};

export const callFiltersSchema = z.object(filters);

export const callListQuery = z.object({
  ...filters,
  sort: z
    .enum(CALL_SORTS)
    .default("start")
    .describe(
      "With `duration` and `cost`, calls without the figure come last. `cost` needs the scope `costs:read`.",
    ),
  order: z.enum(["desc", "asc"]).default("desc").describe("`desc`: newest, longest or most expensive first."),
  ...pageQuery,
});

export const callPageSchema = pageOf(callSummarySchema);

/** A change of a call's annotations. A field that is left out does not change; `null` removes the value. */
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

export const channelQuery = z.object({
  channel: z.enum(CHANNELS).optional().describe("Default: the best channel that is stored."),
});

/** The URL of a recording, which is valid for a short time and needs no credential. */
export const recordingLinkSchema = z.object({ url: z.string(), expires_at: instantSchema });

/** The waveform: for each channel, the min and the max sample of each section in turn, from -1 to 1. */
export const peaksSchema = z.object({
  duration_seconds: z.number(),
  channels: z.array(z.array(z.number())),
});

/** The data of the server-sent event `call`: the client reads the call again. After `reset` it reads all again. */
export const callChangedSchema = z.object({
  id: idSchema,
  phase: z.enum(PHASES).nullable(),
  updated_at: instantSchema,
});

/** A simulated call that has begun. */
export const testCallSchema = z.object({
  provider_call_id: z.string(),
  agent_id: idSchema,
  lasts_seconds: z.int().describe("The time until the report of the call arrives."),
});

export type CallSummary = z.output<typeof callSummarySchema>;
export type Call = z.output<typeof callSchema>;
export type CallRecording = z.output<typeof callRecordingSchema>;
export type ConversationItem = z.output<typeof conversationItemSchema>;
export type CallListQuery = z.output<typeof callListQuery>;
export type CallFilters = z.output<typeof callFiltersSchema>;
export type CallChange = z.output<typeof callChangeSchema>;
export type Peaks = z.output<typeof peaksSchema>;
