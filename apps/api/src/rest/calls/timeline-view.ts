import type { TimelineEvent } from "@call-ledger/contract/events";
import { timelineEventSchema } from "@call-ledger/contract/events";
import type { readTimeline } from "@call-ledger/db/read";
import { RECONCILED_TYPE } from "@call-ledger/domain";

type EventRow = Awaited<ReturnType<typeof readTimeline>>[number];

/** The types of events that the functions of the SQL API book: an event has the name of its function. */
const OF_FUNCTIONS = /^(?:create|update)_[a-z_]+_atomically$/;

/** A booked event as the contract describes it. */
export function timelineView(row: EventRow): TimelineEvent {
  return {
    id: row.id,
    type: row.type,
    occurred_at: row.occurredAt?.toISOString() ?? null,
    received_at: row.receivedAt.toISOString(),
    phase: timelineEventSchema.shape.phase.parse(row.phase),
    changed_phase: row.changedPhase,
    is_report: row.isReport,
    source: sourceOf(row.type),
    has_payload: row.hasPayload,
    details: row.details as NonNullable<TimelineEvent["details"]>,
  };
}

function sourceOf(type: string): TimelineEvent["source"] {
  if (type === RECONCILED_TYPE) return "reconcile";
  if (OF_FUNCTIONS.test(type)) return "function";
  return type.startsWith("adopted.") ? "adopted" : "webhook";
}
