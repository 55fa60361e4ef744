import { CHANNELS, OUTCOMES } from "@call-ledger/domain";
import { z } from "zod";
import { callRecordingSchema } from "./calls.contract.ts";
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

export const STAT_GROUPS = ["day", "agent", "outcome"] as const;

export const statsQuery = z.object({
  from: daySchema.describe("The first day, in the organization's calendar."),
  to: daySchema.describe("The last day, which is included. In `/calls` it is not."),
  group_by: listOf(z.enum(STAT_GROUPS), STAT_GROUPS, 2).default(["day"]),
  agent: agentFilter,
  outcome: listOf(z.enum(OUTCOMES), OUTCOMES).optional(),
});

const figures = {
  calls: z.int(),
  duration_seconds: z.int().describe("The sum over the calls whose duration is known."),
  cost_usd: dollarsSchema.optional().describe("With the scope `costs:read`."),
};

/** Figures of calls. A row has `day`, `agent` and `outcome` if the figures are grouped by them. */
export const statsSchema = z
  .object({
    time_zone: z.string(),
    from: daySchema,
    to: daySchema,
    data: z.array(
      z.object({
        day: daySchema.optional(),
        agent: z.object({ id: idSchema, name: z.string().nullable() }).nullable().optional(),
        outcome: z.enum(OUTCOMES).nullable().optional(),
        ...figures,
      }),
    ),
    totals: z.object(figures),
  })
  .meta({ id: "Stats" });

/** Counts of things that need a person. Only calls of the last 30 days and of today are counted. */
export const attentionSchema = z
  .object({
    calls: z.object({
      stuck: z.int(),
      missing_report: z.int(),
      no_caller_speech: z.int(),
      recording_failed: z.int(),
    }),
    pending: z
      .object({
        live: z.int().describe("Calls of which no event has reported the end."),
        reports: z.int().describe("Calls that have ended and have no report yet."),
        recordings: z.int().describe("Calls with a recording that is not stored yet."),
      })
      .describe("Parts of calls that are expected and not overdue. Nobody has to look at them yet."),
    recordings_near_deadline: z.int().describe("Not stored, and deleted at the provider within a day."),
    waiting_deliveries: z
      .int()
      .describe("Deliveries of the organization's own accounts and of its agents that wait in quarantine."),
    quarantined: z.int().optional().describe("All deliveries that wait in quarantine, for the operator."),
    silent_accounts: z
      .array(
        z.object({
          id: idSchema,
          name: z.string().nullable(),
          provider: z.string(),
          last_delivery_at: instantSchema,
        }),
      )
      .optional()
      .describe("Accounts whose last delivery came one to eight days ago."),
  })
  .meta({ id: "Attention" });

export const recordingRowSchema = callRecordingSchema.extend({
  call_id: idSchema,
  provider_call_id: z.string(),
});

export const recordingListQuery = z.object({
  state: listOf(callRecordingSchema.shape.state, callRecordingSchema.shape.state.options).optional(),
  channel: listOf(z.enum(CHANNELS), CHANNELS).optional(),
  deadline_within_hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(720)
    .optional()
    .describe("Only recordings whose copy at the provider is deleted within this number of hours."),
  ...pageQuery,
});

export const recordingPageSchema = pageOf(recordingRowSchema);

export const accountSchema = z
  .object({
    id: idSchema,
    provider: z.string(),
    name: z.string().nullable(),
    organization_id: idSchema.nullable().describe("`null`: the platform's own account."),
    webhook_url: z.string().describe("The URL to which the provider sends its deliveries."),
    secrets: z.int().describe("The number of valid secrets. It is two during a rotation."),
    has_api_key: z.boolean(),
    recording_hosts: z.array(z.string()),
    created_at: instantSchema,
    last_delivery_at: instantSchema.nullable(),
    last_refusal: z
      .object({ at: instantSchema, reason: z.string(), detail: z.string() })
      .nullable()
      .describe("The last refusal with its reason and what to do; `null`: there was none."),
  })
  .meta({ id: "ProviderAccount" });

export const newAccountRequestSchema = z.strictObject({
  provider: z.string().min(1).max(50),
  name: z.string().trim().min(1).max(100).nullable().default(null),
  organization_id: idSchema
    .nullable()
    .default(null)
    .describe("The owner. The platform's own accounts are set by the environment instead."),
  webhook_secret: z
    .string()
    .min(16)
    .max(500)
    .nullable()
    .default(null)
    .describe("16 characters or more. `null`: a secret is generated."),
  api_key: z.string().min(1).max(500).nullable().default(null),
});

/** A provider account with its secret, which is shown only once. */
export const newAccountSchema = accountSchema.extend({ webhook_secret: z.string() });

export const accountChangeSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).nullable().optional(),
  api_key: z.string().min(1).max(500).nullable().optional(),
  recording_hosts: z.array(z.string().min(3).max(253)).max(20).optional(),
});

/** `null`: a secret is generated. The previous secret stays valid until the next rotation. */
export const rotationRequestSchema = z.strictObject({
  webhook_secret: z.string().min(16).max(500).nullable().default(null),
});

/** Instructions for connecting a provider, step by step. */
export const providerSchema = z.object({
  name: z.string(),
  title: z.string(),
  steps: z
    .array(z.object({ text: z.string(), value: z.string().nullable() }))
    .describe("The steps in order. `{webhook_url}` and `{secret}` stand for the values of the account."),
});

/** One delivery as it arrived. Each process keeps a limited number of them in its memory. */
export const deliverySchema = z
  .object({
    id: z.string(),
    at: instantSchema,
    account_id: idSchema.nullable(),
    provider: z.string(),
    status: z.int(),
    outcome: z.string().describe("Such as `applied`, `duplicate`, `quarantined`, `refused`."),
    reason: z.string().nullable(),
    event_type: z.string().nullable(),
    provider_call_id: z.string().nullable(),
    event_id: z
      .string()
      .nullable()
      .describe(
        "The delivery's first event. Its body is at `/events/{event}/payload`, or in quarantine under this event.",
      ),
    bytes: z.int().nullable().describe("The size of the body according to the sender."),
    took_ms: z.number(),
  })
  .meta({ id: "Delivery" });

export const deliveriesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100).describe("The max number of deliveries."),
  outcome: listOf(z.string().min(1).max(40), "outcomes such as `applied` and `refused`").optional(),
  account: z.uuid().optional().describe("The provider account that received the deliveries."),
});

export const housekeepingJobSchema = z.object({
  name: z.string(),
  every_seconds: z.int(),
  next_run_at: instantSchema,
  finished_at: instantSchema.nullable(),
  succeeded_at: instantSchema.nullable(),
  took_ms: z.int().nullable(),
  result: documentSchema,
  error: z.string().nullable(),
});

export const housekeepingSchema = z.object({ data: z.array(housekeepingJobSchema) });

export type Stats = z.output<typeof statsSchema>;
export type StatsQuery = z.output<typeof statsQuery>;
export type Attention = z.output<typeof attentionSchema>;
export type ProviderAccount = z.output<typeof accountSchema>;
export type Delivery = z.output<typeof deliverySchema>;
export type RecordingRow = z.output<typeof recordingRowSchema>;
export type HousekeepingJob = z.output<typeof housekeepingJobSchema>;

const REFUSALS: Readonly<Record<string, string>> = {
  no_proof: "The delivery has no credential. Attach the credential to the server URL at the provider.",
  wrong_proof: "The signature was made with another secret. Set the same secret on both sides.",
  stale_timestamp: "The signed time is too old or in the future. Compare the clocks.",
};

/** Returns a sentence that explains why a delivery was refused and what to do. */
export function refusalAdvice(reason: string): string {
  return REFUSALS[reason] ?? "The log of the service says more.";
}
