import type { CallState, Document, StoredRecordings, Versioned } from "@call-ledger/domain";
import { documentValue, endingRank, SOURCE, summarize } from "@call-ledger/domain";
import type postgres from "postgres";

/** The rows of one call, without the columns that differ by arrival (`id`, `created_at`, `updated_at`). */
export type CallRows = {
  readonly calls: object;
  readonly call_tracking: object;
  readonly call_logs: object;
};

const iso = (instant: number | null) => (instant === null ? null : new Date(instant).toISOString());
const column = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);

/** Returns the rows of a call, `null` for a layer that is not booked. Reads as the operator. */
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

/** Returns the rows of a call as the domain computes them. */
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
      caller_turns: summary.callerTurns,
      attention: summary.attention,
      awaits_report: summary.awaitsReport,
      customer_number: summary.customerNumber,
      customer_name: summary.customerName,
      forwarded_to: summary.forwardedTo,
      carrier_call_id: summary.carrierCallId,
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
  const agent = live.agent?.value;
  const facts = {
    ringing_at: live.ringingAt,
    answered_at: live.answeredAt,
    ended_at: live.endedAt,
    agent_id: live.agent,
    direction: live.direction,
    customer_number: live.customerNumber,
    our_number: live.ourNumber,
    customer_name: live.customerName,
    forwarded_to: live.forwardedTo,
    carrier_call_id: live.carrierCallId,
  };
  return {
    phase: live.phase,
    ringing_at: iso(live.ringingAt?.value ?? null),
    answered_at: iso(live.answeredAt?.value ?? null),
    ended_at: iso(live.endedAt?.value ?? null),
    ended_reason: live.ending?.reason ?? null,
    outcome: live.ending?.outcome ?? null,
    ended_rank: live.ending === null ? null : endingRank(live.ending),
    caller_heard: live.callerHeard,
    agent_id: agent?.agentId ?? null,
    agent_evidence: agent === undefined ? null : agent.evidence === "byId" ? 2 : 1,
    agent_seen_at: iso(agent?.seenAt ?? null),
    direction: live.direction?.value ?? "unknown",
    customer_number: live.customerNumber?.value ?? null,
    our_number: live.ourNumber?.value ?? null,
    customer_name: live.customerName?.value ?? null,
    forwarded_to: live.forwardedTo?.value ?? null,
    carrier_call_id: live.carrierCallId?.value ?? null,
    fact_versions: unlessEmpty(versionsBeside(SOURCE.provider, facts)),
  };
}

function logColumns(report: CallState["report"]): object {
  const fields = {
    transcript: report.transcript,
    messages: report.messages,
    caller_turns: report.callerTurns,
    summary: report.summary,
    cost_usd: report.costUsd,
    started_at: report.startedAt,
    ended_at: report.endedAt,
    outcome: report.ending,
    duration_seconds: report.durationSeconds,
    forwarded_to: report.forwardedTo,
    recording_url: report.recordingUrl,
  };
  const documents = {
    analysis: report.analysis,
    cost_breakdown: report.costBreakdown,
    details: report.details,
  };
  return {
    transcript: report.transcript?.value ?? null,
    messages: report.messages?.value ?? null,
    caller_turns: report.callerTurns?.value ?? null,
    summary: report.summary?.value ?? null,
    analysis: documentValue(report.analysis),
    cost_usd: dollars(report.costUsd?.value ?? null),
    cost_breakdown: documentValue(report.costBreakdown),
    started_at: iso(report.startedAt?.value ?? null),
    ended_at: iso(report.endedAt?.value ?? null),
    ended_reason: report.ending?.value.reason ?? null,
    outcome: report.ending?.value.outcome ?? null,
    duration_seconds: report.durationSeconds?.value ?? null,
    forwarded_to: report.forwardedTo?.value ?? null,
    details: documentValue(report.details),
    recording_url: report.recordingUrl?.value ?? null,
    report_version: report.version,
    field_versions: unlessEmpty({
      ...versionsBeside(report.version, fields),
      ...Object.assign(
        {},
        ...Object.entries(documents).map(([name, one]) => partVersions(name, one, report.version)),
      ),
    }),
  };
}

type Versions = { readonly [field: string]: Versioned<unknown> | null };

/** Returns the versions of a document that are not `usual`: of its whole, of its parts, or of the keys of a part. */
function partVersions(name: string, { whole, parts }: Document, usual: string | null): object {
  const named = Object.entries(parts).map(([part, { whole: one, parts: keys }]) => {
    const versions = new Set(Object.values(keys).map((key) => key.whole?.version));
    const [only] = versions.size === 1 ? versions : [one?.version];
    const ofKeys = Object.fromEntries(Object.entries(keys).map(([key, value]) => [key, value.whole]));
    return [`${name}.${part}`, versions.size > 1 ? versionsBeside(usual, ofKeys) : only] as const;
  });
  const all = [[name, whole?.version] as const, ...named];
  return Object.fromEntries(all.filter(([, version]) => version !== undefined && version !== usual));
}

/** Returns the versions that are not `usual`, by field. */
function versionsBeside(usual: string | null, fields: Versions): object {
  const others = Object.entries(fields).flatMap(([field, known]) =>
    known === null || known.version === usual ? [] : [[field, known.version] as const],
  );
  return Object.fromEntries(others);
}

function unlessEmpty(versions: object): object | null {
  return Object.keys(versions).length === 0 ? null : versions;
}

/** Returns a number as the text of `numeric(16, 6)`. */
function dollars(value: number | null): string | null {
  return value === null ? null : value.toFixed(6);
}
