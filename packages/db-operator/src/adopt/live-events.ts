import type { CallEvent, Ending } from "@call-ledger/domain";
import { endOf, isOver, startOf, wasAnswered } from "./call-status.ts";
import { isCallTable } from "./columns.ts";
import type { OldRow } from "./old-row.ts";
import { instantOf, wordOf } from "./old-row.ts";

/**
 * The phase events of the rows. The ending is in the live layer and not in a report, because there every ending of
 * the provider outranks it. The first end with a time gets it, else an event without a time.
 */
export function liveEventsOf(rows: readonly OldRow[], ending: Ending | null): CallEvent[] {
  const events: CallEvent[] = [];
  let remaining = ending;
  for (const row of rows) {
    if (!isCallTable(row.table)) continue;
    const isTracked = row.table === "call_tracking";
    if (isTracked || !isOver(row)) events.push(...progressIn(row));
    if (isTracked && isOver(row)) {
      events.push(ended(row, endOf(row), remaining));
      remaining = null;
    }
  }
  const source = rows.find(({ table }) => isCallTable(table));
  if (source !== undefined && remaining !== null) events.push(ended(source, null, remaining));
  return events;
}

function ended(row: OldRow, occurredAt: number | null, ending: Ending | null): CallEvent {
  return { ...typeOf(row), kind: "call.ended", occurredAt, ending };
}

function progressIn(row: OldRow): CallEvent[] {
  const status = wordOf(row, "status");
  const calledAt = instantOf(row, "called_at");
  const startedAt = startOf(row);
  const progressed = { ...typeOf(row), kind: "call.progressed" as const };
  if (status === "queued") return [{ ...progressed, phase: "queued", occurredAt: calledAt }];
  const rangAt = startedAt ?? calledAt;
  if (status === "ringing") return [{ ...progressed, phase: "ringing", occurredAt: rangAt }];
  if (wasAnswered(row)) {
    const hasBegun = startedAt !== null || status === "in-progress";
    return hasBegun ? [{ ...progressed, phase: "in_progress", occurredAt: startedAt }] : [];
  }
  return rangAt === null ? [] : [{ ...progressed, phase: "ringing", occurredAt: rangAt }];
}

/** The type in the timeline, which names the table. */
function typeOf(row: OldRow): { readonly type: string } {
  return { type: `adopted.${row.table}` };
}
