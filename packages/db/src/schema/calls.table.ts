import { ATTENTION_MARKS, DIRECTIONS, ENDING_WORDS, OUTCOMES, PHASES } from "@call-ledger/domain";
import { sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import {
  agents,
  createdAt,
  instant,
  ofAccount,
  ofOrganization,
  oneOf,
  updatedAt,
} from "./organizations.table.ts";

/** The order of the labels is the order of the merge, so `max` and `greatest` are the join. */
export const callPhase = pgEnum("call_phase", PHASES);

const dollars = (name: string) => numeric(name, { precision: 16, scale: 6 });

/** The key columns of the three layers. `id` is the call's id and is the same in all three. */
const callKey = () => ({
  orgId: uuid("org_id").notNull(),
  id: uuid("id").notNull(),
  provider: text("provider").notNull(),
  providerAccountId: uuid("provider_account_id").notNull(),
  providerCallId: text("provider_call_id").notNull(),
});

/** The summary: one row for each call, computed from the two other layers and the stored recordings. */
export const calls = pgTable(
  "calls",
  {
    ...callKey(),
    agentId: uuid("agent_id"),
    direction: text("direction").notNull().default("unknown"),
    phase: text("phase"),
    outcome: text("outcome"),
    endedReason: text("ended_reason"),
    /** The lower bound of the caller's turns; null before the end, and if no delivery has it. */
    callerTurns: integer("caller_turns"),
    /** The reasons why a person should look at the call. */
    attention: text("attention").array().notNull().default(sql`'{}'`),
    /** No report was booked yet. Null in rows that have a report and are older than this column. */
    awaitsReport: boolean("awaits_report").default(true),
    customerNumber: text("customer_number"),
    customerName: text("customer_name"),
    /** The number or SIP address to which the call was forwarded. */
    forwardedTo: text("forwarded_to"),
    /** The telephone carrier's id of the call. */
    carrierCallId: text("carrier_call_id"),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
    durationSeconds: integer("duration_seconds"),
    costUsd: dollars("cost_usd"),
    recordingStoragePath: text("recording_storage_path"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ name: "calls_pkey", columns: [t.orgId, t.id] }),
    unique("calls_org_provider_call_key").on(t.orgId, t.provider, t.providerCallId),
    ofOrganization("calls", t.orgId),
    foreignKey({
      name: "calls_agent_fkey",
      columns: [t.orgId, t.agentId],
      foreignColumns: [agents.orgId, agents.id],
    }),
    // A call without a start is sorted by the time when it was first seen.
    index("calls_org_start_idx").on(t.orgId, sql`coalesce(${t.startedAt}, ${t.createdAt})`, t.id),
    // Lists by duration and by cost. A call enters them with its end and with its report.
    index("calls_org_duration_idx")
      .on(t.orgId, t.durationSeconds, t.id)
      .where(sql`${t.durationSeconds} is not null`),
    index("calls_org_cost_idx").on(t.orgId, t.costUsd, t.id).where(sql`${t.costUsd} is not null`),
    // For the usual number of an account's calls at this time.
    index("calls_account_created_at_idx").on(t.providerAccountId, t.createdAt),
    // The calls that the sweep checks. A call leaves the index with its report, or with its mark.
    index("calls_awaiting_report_idx")
      .on(t.createdAt)
      .where(sql`${t.awaitsReport} and ${t.attention} = '{}'`),
    index("calls_attention_idx").on(t.createdAt).where(sql`${t.attention} <> '{}'`),
    check("calls_org_id_not_null", sql`${t.orgId} is not null`),
    check("calls_phase_known", sql`${t.phase} in (${oneOf(PHASES)})`),
    check("calls_outcome_known", sql`${t.outcome} in (${oneOf(OUTCOMES)})`),
    check("calls_attention_known", sql`${t.attention} <@ array[${oneOf(ATTENTION_MARKS)}]`),
    check("calls_caller_turns_not_negative", sql`${t.callerTurns} >= 0`),
    check("calls_direction_known", sql`${t.direction} in (${oneOf(DIRECTIONS)})`),
    check("calls_outcome_when_ended", sql`(coalesce(${t.phase}, '') = 'ended') = (${t.outcome} is not null)`),
    check("calls_duration_not_negative", sql`${t.durationSeconds} >= 0`),
    check("calls_cost_not_negative", sql`${t.costUsd} >= 0`),
    check("calls_provider_call_id_bounded", sql`length(${t.providerCallId}) between 1 and 200`),
  ],
);

/** The live layer: the facts of the phase events, and the facts that every event has. */
export const callTracking = pgTable(
  "call_tracking",
  {
    ...callKey(),
    phase: callPhase("phase"),
    ringingAt: instant("ringing_at"),
    answeredAt: instant("answered_at"),
    endedAt: instant("ended_at"),
    endedReason: text("ended_reason"),
    outcome: text("outcome"),
    endedRank: smallint("ended_rank"),
    /** A final transcript has words of the caller. */
    callerHeard: boolean("caller_heard").notNull().default(false),
    agentId: uuid("agent_id"),
    /** 2: found by the provider's agent id. 1: found by our own number. */
    agentEvidence: smallint("agent_evidence"),
    agentSeenAt: instant("agent_seen_at"),
    direction: text("direction").notNull().default("unknown"),
    customerNumber: text("customer_number"),
    ourNumber: text("our_number"),
    customerName: text("customer_name"),
    forwardedTo: text("forwarded_to"),
    carrierCallId: text("carrier_call_id"),
    leadId: uuid("lead_id"),
    metadata: jsonb("metadata"),
    /** By fact: the version of its source, if that is not the provider. */
    factVersions: jsonb("fact_versions"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ name: "call_tracking_pkey", columns: [t.orgId, t.id] }),
    unique("idx_call_tracking_org_vapi_call_id").on(t.orgId, t.provider, t.providerCallId),
    ofCall("call_tracking", t.orgId, t.id),
    check("call_tracking_org_id_not_null", sql`${t.orgId} is not null`),
    check("call_tracking_outcome_known", sql`${t.outcome} in (${oneOf(ENDING_WORDS)})`),
    check("call_tracking_direction_known", sql`${t.direction} in (${oneOf(DIRECTIONS)})`),
    check("call_tracking_ending_whole", sql`(${t.outcome} is null) = (${t.endedRank} is null)`),
    check("call_tracking_agent_evidence_known", sql`${t.agentEvidence} in (1, 2)`),
    check("call_tracking_agent_whole", sql`(${t.agentId} is null) = (${t.agentEvidence} is null)`),
  ],
);

/** The report layer: each field from the greatest report version that has it. */
export const callLogs = pgTable(
  "call_logs",
  {
    ...callKey(),
    transcript: text("transcript"),
    messages: jsonb("messages"),
    /** The caller's turns, counted in transcript and messages. */
    callerTurns: integer("caller_turns"),
    summary: text("summary"),
    analysis: jsonb("analysis"),
    costUsd: dollars("cost_usd"),
    costBreakdown: jsonb("cost_breakdown"),
    startedAt: instant("started_at"),
    endedAt: instant("ended_at"),
    endedReason: text("ended_reason"),
    outcome: text("outcome"),
    /** The provider's own number. */
    durationSeconds: integer("duration_seconds"),
    recordingUrl: text("recording_url"),
    forwardedTo: text("forwarded_to"),
    /** Other facts of the reports, in the provider's words, by part; bounded in size, without secrets. */
    details: jsonb("details"),
    /** The greatest version of a booked report. */
    reportVersion: text("report_version"),
    /** By field, and part of a field: the version from which it was taken, if that is not `report_version`. */
    fieldVersions: jsonb("field_versions"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ name: "call_logs_pkey", columns: [t.orgId, t.id] }),
    unique("idx_call_logs_org_vapi_call_id").on(t.orgId, t.provider, t.providerCallId),
    ofCall("call_logs", t.orgId, t.id),
    check("call_logs_org_id_not_null", sql`${t.orgId} is not null`),
    check("call_logs_outcome_known", sql`${t.outcome} in (${oneOf(ENDING_WORDS)})`),
    check("call_logs_cost_not_negative", sql`${t.costUsd} >= 0`),
    check("call_logs_duration_not_negative", sql`${t.durationSeconds} >= 0`),
  ],
);

/**
 * The organization of a provider's call, once it is known. It is written once. Its row is the lock of the write path.
 */
export const callRoutes = pgTable(
  "call_routes",
  {
    providerAccountId: uuid("provider_account_id").notNull(),
    providerCallId: text("provider_call_id").notNull(),
    orgId: uuid("org_id"),
  },
  (t) => [
    primaryKey({ name: "call_routes_pkey", columns: [t.providerAccountId, t.providerCallId] }),
    ofAccount("call_routes", t.providerAccountId),
    check("call_routes_provider_call_id_bounded", sql`length(${t.providerCallId}) between 1 and 200`),
  ],
);

/** The foreign key of a table whose rows are removed with their call. */
export const ofCall = (table: string, orgId: AnyPgColumn, callId: AnyPgColumn) =>
  foreignKey({
    name: `${table}_call_fkey`,
    columns: [orgId, callId],
    foreignColumns: [calls.orgId, calls.id],
  }).onDelete("cascade");
