import { CHANNELS, OUTCOMES, QUARANTINE_REASONS } from "@call-ledger/domain";
import { z } from "zod";
import { callRecordingSchema } from "./calls.contract.ts";
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

export const STAT_GROUPS = ["day", "agent", "outcome"] as const;

/** Days of the organization's calendar, both included. */
export const statsQuery = z.object({
  from: daySchema,
  to: daySchema,
  group_by: listOf(z.enum(STAT_GROUPS), 2).default(["day"]),
  agent: listOf(z.uuid()).optional(),
  outcome: listOf(z.enum(OUTCOMES)).optional(),
});

const figures = {
  calls: z.int(),
  /** Of calls whose duration is known. */
  duration_seconds: z.int(),
  /** With the scope `costs:read`. */
  cost_usd: dollarsSchema.optional(),
};

/** `day`, `agent` and `outcome` are there if the figures are grouped by them. */
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

/** How many things need somebody. Calls are those of the last 30 days. */
export const attentionSchema = z
  .object({
    calls: z.object({
      stuck: z.int(),
      missing_report: z.int(),
      no_caller_speech: z.int(),
      recording_failed: z.int(),
    }),
    /** What nobody has to look at yet, and what is not there yet either. */
    pending: z.object({
      /** Calls whose end no event has told. */
      live: z.int(),
      /** Calls that have ended and whose report has not come. */
      reports: z.int(),
      /** Calls with a recording that is not stored yet. */
      recordings: z.int(),
    }),
    /** Not stored, and the provider's copy is gone within a day. */
    recordings_near_deadline: z.int(),
    /** For the operator. */
    quarantined: z.int().optional(),
    /** Accounts that had deliveries in the week before and none for a day. */
    silent_accounts: z
      .array(
        z.object({
          id: idSchema,
          name: z.string().nullable(),
          provider: z.string(),
          last_delivery_at: instantSchema,
        }),
      )
      .optional(),
  })
  .meta({ id: "Attention" });

export const recordingRowSchema = callRecordingSchema.extend({
  call_id: idSchema,
  provider_call_id: z.string(),
});

export const recordingListQuery = z.object({
  state: listOf(callRecordingSchema.shape.state).optional(),
  channel: listOf(z.enum(CHANNELS)).optional(),
  /** Only those whose copy at the provider is gone within so many hours. */
  deadline_within_hours: z.coerce.number().int().min(1).max(720).optional(),
  ...pageQuery,
});

export const recordingPageSchema = pageOf(recordingRowSchema);

export const accountSchema = z
  .object({
    id: idSchema,
    provider: z.string(),
    name: z.string().nullable(),
    /** `null`: the platform's own account. */
    organization_id: idSchema.nullable(),
    /** Where the provider sends its deliveries. */
    webhook_url: z.string(),
    /** How many secrets hold at the moment: two during a rotation. */
    secrets: z.int(),
    has_api_key: z.boolean(),
    recording_hosts: z.array(z.string()),
    created_at: instantSchema,
    last_delivery_at: instantSchema.nullable(),
    /** The last refusal, why, and what to do; `null`: there was none. */
    last_refusal: z.object({ at: instantSchema, reason: z.string(), detail: z.string() }).nullable(),
  })
  .meta({ id: "ProviderAccount" });

export const newAccountRequestSchema = z.strictObject({
  provider: z.string().min(1).max(50),
  name: z.string().trim().min(1).max(100).nullable().default(null),
  /** The platform's own account is set by the environment. */
  organization_id: idSchema.nullable().default(null),
  /** `null`: one is made. At least 16 characters. */
  webhook_secret: z.string().min(16).max(500).nullable().default(null),
  api_key: z.string().min(1).max(500).nullable().default(null),
});

/** `webhook_secret` is shown once. */
export const newAccountSchema = accountSchema.extend({ webhook_secret: z.string() });

export const accountChangeSchema = z.strictObject({
  name: z.string().trim().min(1).max(100).nullable().optional(),
  api_key: z.string().min(1).max(500).nullable().optional(),
  recording_hosts: z.array(z.string().min(3).max(253)).max(20).optional(),
});

/** `null`: one is made. The secret before it holds until the next rotation. */
export const rotationRequestSchema = z.strictObject({
  webhook_secret: z.string().min(16).max(500).nullable().default(null),
});

/** A page that says, step by step, how a provider is connected. */
export const providerSchema = z.object({
  name: z.string(),
  title: z.string(),
  /** To be followed in order; `{webhook_url}` and `{secret}` stand for the account's. */
  steps: z.array(z.object({ text: z.string(), value: z.string().nullable() })),
});

/** One delivery as it came, newest first. Kept in the memory of each process: not all of them, and none for long. */
export const deliverySchema = z
  .object({
    id: z.string(),
    at: instantSchema,
    account_id: idSchema.nullable(),
    provider: z.string(),
    status: z.int(),
    /** Such as `applied`, `duplicate`, `quarantined`, `refused`. */
    outcome: z.string(),
    reason: z.string().nullable(),
    event_type: z.string().nullable(),
    provider_call_id: z.string().nullable(),
    /** Of the body, as the sender says. */
    bytes: z.int().nullable(),
    took_ms: z.number(),
  })
  .meta({ id: "Delivery" });

export const deliveriesQuery = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  outcome: listOf(z.string().min(1).max(40)).optional(),
  account: z.uuid().optional(),
});

export const quarantinedSchema = z
  .object({
    id: idSchema,
    provider: z.string(),
    account_id: idSchema,
    reason: z.enum(QUARANTINE_REASONS),
    /** Why it waits and what to do, as a sentence. */
    reason_text: z.string(),
    event_type: z.string(),
    provider_call_id: z.string().nullable(),
    provider_agent_id: z.string().nullable(),
    provider_phone_number_id: z.string().nullable(),
    our_number: z.string().nullable(),
    received_at: instantSchema,
    booked_at: instantSchema.nullable(),
  })
  .meta({ id: "QuarantinedDelivery" });

const quarantineFilters = {
  reason: listOf(z.enum(QUARANTINE_REASONS)).optional(),
  account: z.uuid().optional(),
  provider_agent_id: z.string().min(1).max(200).optional(),
};

/** Those that wait, the newest first. */
export const quarantineListQuery = z.object({ ...quarantineFilters, ...pageQuery });
export const quarantinePageSchema = pageOf(quarantinedSchema);
export const quarantinedDetailSchema = quarantinedSchema.extend({ payload: documentSchema });

/** How many wait, by reason and by the agent that is not known: what one registration would book. */
export const quarantineGroupsSchema = z.object({
  data: z.array(
    z.object({
      account_id: idSchema,
      provider: z.string(),
      reason: z.enum(QUARANTINE_REASONS),
      provider_agent_id: z.string().nullable(),
      our_number: z.string().nullable(),
      deliveries: z.int(),
      oldest_at: instantSchema,
      newest_at: instantSchema,
    }),
  ),
});

/** Registers the delivery's agent for an organization; what waits for it is booked. */
export const registerAgentSchema = z.strictObject({
  organization_id: idSchema,
  name: z.string().trim().min(1).max(100).nullable().default(null),
});

/** Reads what waits again with today's adapter, without `organization_conflict` unless that is asked for by name; `limit` deliveries at a time, so that progress shows. */
export const quarantineReplaySchema = z.strictObject({
  reason: z.enum(QUARANTINE_REASONS).optional(),
  account_id: idSchema.optional(),
  provider_agent_id: z.string().min(1).max(200).optional(),
  /** These alone, whatever their reason. */
  ids: z.array(idSchema).min(1).max(500).optional(),
  limit: z.int().min(1).max(500).default(100),
});

/** `left` still match the filter. */
export const replayProgressSchema = z.object({ booked: z.int(), waiting: z.int(), left: z.int() });

/** Stored deliveries of calls to be read again; `cursor` goes on after the last answer's. */
export const eventReplaySchema = z.strictObject({
  from: instantSchema,
  to: instantSchema,
  provider: z.string().min(1).max(50).optional(),
  agent_id: idSchema.optional(),
  limit: z.int().min(1).max(500).default(100),
  cursor: z.string().max(500).optional(),
});

export const eventReplayProgressSchema = z.object({
  replayed: z.int(),
  applied: z.int(),
  duplicates: z.int(),
  without_payload: z.int(),
  next_cursor: z.string().nullable(),
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
export type QuarantinedDelivery = z.output<typeof quarantinedSchema>;
export type RecordingRow = z.output<typeof recordingRowSchema>;
export type HousekeepingJob = z.output<typeof housekeepingJobSchema>;

const REFUSALS: Readonly<Record<string, string>> = {
  no_proof: "It shows no credential: attach the credential to the server URL at the provider.",
  wrong_proof: "Its signature is made with another secret: give both sides the same one.",
  stale_timestamp: "Its signed time is too old or ahead: look at the clocks.",
};

/** What the reason for which a delivery was refused means, and what to do. */
export function refusalAdvice(reason: string): string {
  return REFUSALS[reason] ?? "The log of the service says more.";
}
