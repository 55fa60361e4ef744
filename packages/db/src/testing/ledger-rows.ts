import type { CallState, StoredRecordings } from "@call-ledger/domain";
import { endingRank, summarize } from "@call-ledger/domain";
import type postgres from "postgres";

/** The rows of one call, without what differs by arrival (`id`, `created_at`, `updated_at`). */
export type CallRows = {
  readonly calls: object;
  readonly call_tracking: object;
  readonly call_logs: object;
};

const iso = (instant: number | null) => (instant === null ? null : new Date(instant).toISOString());
const column = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);

/** What the database holds of a call, `null` where it is not booked. Reads as the operator. */
export async function rowsOf(sql: postgres.Sql, providerCallId: string): Promise<CallRows | null> {
  const rows: Record<string, object> = {};
  for (const table of ["calls", "call_tracking", "call_logs"]) {
    const [row] = await sql`select * from ${sql(table)} where provider_call_id = ${providerCallId}`;
    if (row === undefined) return null;
    const { id: _id, created_at: _created, updated_at: _updated, ...rest } = row;
    rows[table] = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, column(value)]));
  }
  const { calls = {}, call_tracking = {}, call_logs = {} } = rows;
  return { calls, call_tracking, call_logs };
}

/** What the domain says that the rows of a call are. */
export function expectedRows(
  key: { readonly orgId: string; readonly provider: string; readonly providerCallId: string },
  { live, report }: CallState,
  stored: StoredRecordings = {},
): CallRows {
  const summary = summarize(live, report, stored);
  const shared = {
    org_id: key.orgId,
    provider: key.provider,
    provider_account_id: live.accountId,
    provider_call_id: key.providerCallId,
  };
  return {
    calls: {
      ...shared,
      agent_id: summary.agentId,
      direction: summary.direction,
      phase: summary.phase,
      outcome: summary.outcome,
      ended_reason: summary.endedReason,
      customer_number: summary.customerNumber,
      started_at: iso(summary.startedAt),
      ended_at: iso(summary.endedAt),
      duration_seconds: summary.durationSeconds,
      cost_usd: dollars(summary.costUsd),
      recording_storage_path: summary.recordingStoragePath,
    },
    call_tracking: { ...shared, ...trackingColumns(live), lead_id: null, metadata: null },
    call_logs: { ...shared, ...logColumns(report) },
  };
}

function trackingColumns(live: CallState["live"]): object {
  return {
    phase: live.phase,
    ringing_at: iso(live.ringingAt),
    answered_at: iso(live.answeredAt),
    ended_at: iso(live.endedAt),
    ended_reason: live.ending?.reason ?? null,
    outcome: live.ending?.outcome ?? null,
    ended_rank: live.ending === null ? null : endingRank(live.ending),
    agent_id: live.agent?.agentId ?? null,
    agent_evidence: live.agent === null ? null : live.agent.evidence === "byId" ? 2 : 1,
    agent_seen_at: iso(live.agent?.seenAt ?? null),
    direction: live.direction,
    customer_number: live.customerNumber,
    our_number: live.ourNumber,
  };
}

function logColumns(report: CallState["report"]): object {
  return {
    transcript: report.conversation?.value.transcript ?? null,
    messages: report.conversation?.value.messages ?? null,
    summary: report.analysis?.value.summary ?? null,
    analysis: report.analysis?.value.analysis ?? null,
    cost_usd: dollars(report.cost?.value.costUsd ?? null),
    cost_breakdown: report.cost?.value.costBreakdown ?? null,
    started_at: iso(report.times?.value.startedAt ?? null),
    ended_at: iso(report.times?.value.endedAt ?? null),
    ended_reason: report.times?.value.ending?.reason ?? null,
    outcome: report.times?.value.ending?.outcome ?? null,
    duration_seconds: report.times?.value.durationSeconds ?? null,
    recording_url: report.recordingUrl?.value ?? null,
    report_version: report.version,
    conversation_version: report.conversation?.version ?? null,
    analysis_version: report.analysis?.version ?? null,
    cost_version: report.cost?.version ?? null,
    times_version: report.times?.version ?? null,
    recording_version: report.recordingUrl?.version ?? null,
  };
}

/** The text of `numeric(16, 6)`. */
function dollars(value: number | null): string | null {
  return value === null ? null : value.toFixed(6);
}
