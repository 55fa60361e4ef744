import { conversationIn } from "./conversation.ts";
import { isPlainOutcome, outcomeNamed } from "./endings.ts";
import { PATH_COLUMNS, urlsIn } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import { dollarsOf, instantOf, secondsOf, textOf, truthOf, wordOf } from "./old-row.ts";

const UNDER_WAY = new Set([
  "queued",
  "pending",
  "scheduled",
  "dialing",
  "connecting",
  "initiated",
  "started",
  "ringing",
  "active",
  "in-progress",
]);
const ANSWERED = new Set(["in-progress", "completed", "ended"]);

export const startOf = (row: OldRow) => instantOf(row, "start_time") ?? instantOf(row, "started_at");
export const endOf = (row: OldRow) => instantOf(row, "ended_at") ?? instantOf(row, "end_time");
export const costOf = (row: OldRow) => dollarsOf(row, "cost") ?? dollarsOf(row, "total_cost");

/** Whether the status is a word of the old system for the phase of a call, and nothing else. */
export function isKnownStatus(row: OldRow): boolean {
  return UNDER_WAY.has(wordOf(row, "status") ?? "") || isPlainOutcome(row, "status");
}

/**
 * Whether a row shows that its call is over, by its status or by values that only the end of a call sets. A handler
 * that died in between left rows that are `in-progress` and have an end time, a recording or a transcript. A column
 * that was added later made every older call `queued`. A status that is not known says nothing.
 */
export function isOver(row: OldRow): boolean {
  return (
    endOf(row) !== null ||
    ["status", "call_outcome", "outcome"].some((column) => outcomeNamed(row, column) !== null) ||
    ["recording_url", "recording_signed_url"].some((column) => textOf(row, column) !== null) ||
    PATH_COLUMNS.some((column) => urlsIn(row, column).length > 0) ||
    (secondsOf(row, "duration_seconds") ?? 0) > 0 ||
    (costOf(row) ?? 0) > 0 ||
    conversationIn(row) !== null
  );
}

/** Whether the call was answered. `answered` was set only at a call's end; without it the status decides. */
export function wasAnswered(row: OldRow): boolean {
  const status = wordOf(row, "status") ?? "";
  return status === "in-progress" || (truthOf(row, "answered") ?? ANSWERED.has(status));
}
