import type { Call, CallRecording, CallSummary, ConversationItem } from "@call-ledger/contract/calls";
import { callRecordingSchema, callSummarySchema } from "@call-ledger/contract/calls";
import type { listCalls, readCall } from "@call-ledger/db/read";
import type { Json, Scope } from "@call-ledger/domain";
import { latencyOf } from "@call-ledger/domain";
import { providerFor } from "@call-ledger/providers";

type SummaryRow = Awaited<ReturnType<typeof listCalls>>["rows"][number];
export type CallRow = NonNullable<Awaited<ReturnType<typeof readCall>>>;
type SharedColumns = Omit<SummaryRow, "start" | "key" | "now">;
export type Scopes = ReadonlySet<Scope>;

const shape = callSummarySchema.shape;
const iso = (at: Date | null) => at?.toISOString() ?? null;

/** A call in the form of a list, for a caller with these scopes. */
export function summaryView(row: SharedColumns, scopes: Scopes): CallSummary {
  return {
    id: row.id,
    provider: row.provider,
    provider_call_id: row.providerCallId,
    agent: row.agentId === null ? null : { id: row.agentId, name: row.agentName },
    direction: shape.direction.parse(row.direction),
    phase: shape.phase.parse(row.phase),
    outcome: shape.outcome.parse(row.outcome),
    ended_reason: row.endedReason,
    ended_reason_text: endedReasonText(row),
    customer_number: row.customerNumber,
    customer_name: row.customerName,
    forwarded_to: row.forwardedTo,
    first_seen_at: row.firstSeenAt.toISOString(),
    started_at: iso(row.startedAt),
    ended_at: iso(row.endedAt),
    duration_seconds: row.durationSeconds,
    caller_turns: row.callerTurns,
    attention: shape.attention.parse([
      ...row.attention,
      ...(GIVEN_UP.has(row.recordingState) ? ["recording_failed"] : []),
    ]),
    recording_state: shape.recording_state.parse(row.recordingState),
    tags: row.tags ?? [],
    external_ref: row.externalRef,
    updated_at: row.updatedAt.toISOString(),
    ...(scopes.has("costs:read") ? { cost_usd: row.costUsd === null ? null : dollars(row.costUsd) } : {}),
  };
}

const GIVEN_UP = new Set(["failed", "expired"]);

function endedReasonText({ provider, endedReason }: SharedColumns): string | null {
  if (endedReason === null) return null;
  return providerFor(provider)?.words.endedReason(endedReason) ?? endedReason;
}

/** The parts of a call that a caller with these scopes may see. */
export function partsFor(scopes: Scopes) {
  return {
    details: scopes.has("calls:details"),
    costs: scopes.has("costs:read"),
    prompts: scopes.has("prompts:read"),
    namesDestination: (provider: string, details: string) => destinationName(provider, details) !== null,
  };
}

/** Who or what is at the place to which a call was put through, by the details of a report or an event. */
function destinationName(provider: string, details: string | null): string | null {
  return providerFor(provider)?.words.destinationName(parsed(details)) ?? null;
}

/** A single call with all its parts, for a caller with these scopes. Parts that were not read are absent. */
export function callView(row: CallRow, scopes: Scopes): Call {
  return {
    ...summaryView(row, scopes),
    time_zone: row.timeZone,
    our_number: row.ourNumber,
    carrier_call_id: row.carrierCallId,
    provider_account_id: row.providerAccountId,
    ringing_at: iso(row.ringingAt),
    answered_at: iso(row.answeredAt),
    awaits_report: row.awaitsReport,
    summary: row.summary,
    note: row.note,
    external_url: row.externalUrl,
    ...(scopes.has("recordings:read") ? { recordings: row.recordings.map(recordingView) } : {}),
    ...(row.details === null ? {} : detailsView(row, row.details)),
    ...(row.costs === null ? {} : { costs: costsView(row.provider, parsed(row.costs.breakdown)) }),
    ...(row.prompts === null ? {} : { prompts: row.prompts }),
  };
}

function detailsView({ provider, startedAt }: CallRow, details: NonNullable<CallRow["details"]>) {
  const words = providerFor(provider)?.words;
  const items =
    words?.conversation({
      startedAt: startedAt?.getTime() ?? null,
      messages: parsed(details.messages),
      transcript: details.transcript,
      segments: details.segments.map(({ role, text, occurredAt }) => ({
        role,
        text,
        at: occurredAt?.getTime() ?? null,
      })),
    }) ?? [];
  const { turns, medianMs, maxMs } = latencyOf(items);
  return {
    forwarded_to_name:
      destinationName(provider, details.details) ?? destinationName(provider, details.forwarding),
    conversation: items.map(itemView),
    latency: { turns, median_ms: medianMs, max_ms: maxMs },
    analysis: mutable(parsed(details.analysis)),
    details: mutable(parsed(details.details)),
    metadata: mutable(parsed(details.metadata)),
  };
}

type Item = ReturnType<NonNullable<ReturnType<typeof providerFor>>["words"]["conversation"]>[number];

function itemView(item: Item): ConversationItem {
  if (item.kind === "tool_call") {
    return {
      kind: item.kind,
      id: item.id,
      name: item.name,
      arguments: mutable(item.arguments),
      result: mutable(item.result),
      at_seconds: item.atSeconds,
      took_ms: item.tookMs,
    };
  }
  return {
    kind: item.kind,
    role: item.role,
    text: item.text,
    at_seconds: item.atSeconds,
    end_seconds: item.endSeconds,
    latency_ms: item.latencyMs,
  };
}

function costsView(provider: string, breakdown: Json) {
  const parts = providerFor(provider)?.words.costParts(breakdown) ?? [];
  return {
    parts: parts.map(({ usd, ...part }) => ({ ...part, usd: dollars(usd.toFixed(6)) })),
    given: mutable(breakdown),
  };
}

const recordingShape = callRecordingSchema.shape;

/** The state of a recording as the contract describes it. */
export function recordingView(row: CallRow["recordings"][number]): CallRecording {
  const state = recordingShape.state.parse(row.state);
  return {
    id: row.id,
    channel: recordingShape.channel.parse(row.channel),
    state,
    reason: state === "stored" ? null : row.reason,
    deadline: iso(row.deadline),
    waits_for_host: row.waitsForHost,
    attempts: row.attempts,
    next_attempt_at: state === "pending" ? iso(row.nextAttemptAt) : null,
    size_bytes: row.sizeBytes,
    stored_at: state === "stored" ? iso(row.finishedAt) : null,
    has_peaks: row.peaksPath !== null,
  };
}

/** Removes trailing zeros: `0.030400` becomes `0.0304`, and `2.000000` becomes `2`. */
export function dollars(numeric: string): string {
  return numeric.includes(".") ? numeric.replace(/\.?0+$/, "") : numeric;
}

function parsed(document: string | null): Json {
  return document === null ? null : JSON.parse(document);
}

type MutableJson = Call["analysis"] & {};

/** The same document with another type: the domain's JSON type is read-only, zod's is not. */
function mutable(document: Json): MutableJson {
  return document as MutableJson;
}
