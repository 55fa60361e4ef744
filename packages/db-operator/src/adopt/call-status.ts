import { conversationIn } from "./conversation.ts";
import { isPlainOutcome, outcomeNamed } from "./endings.ts";
import type { OldRow } from "./old-row.ts";
import { dollarsOf, instantOf, secondsOf, textOf, truthOf, wordOf } from "./old-row.ts";

const UNDER_WAY = new Set([
  "queued",
  "pending",
  "scheduled",
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

/** Whether the status is a word of the old system that says where a call was, and nothing else. */
export function isKnownStatus(row: OldRow): boolean {
  return UNDER_WAY.has(wordOf(row, "status") ?? "") || isPlainOutcome(row, "status");
}

/**
 * Whether a row says that its call is over: by its status, or by what only the end of a call brings. A handler that
 * died in between left rows that are `in-progress` and have an end time, a recording or a transcript; a column that came
 * late made every older call `queued`.
 */
export function isOver(row: OldRow): boolean {
  const status = wordOf(row, "status");
  return (
    (status !== null && !UNDER_WAY.has(status)) ||
    endOf(row) !== null ||
    ["call_outcome", "outcome"].some((column) => outcomeNamed(row, column) !== null) ||
    ["recording_url", "recording_signed_url"].some((column) => textOf(row, column) !== null) ||
    (secondsOf(row, "duration_seconds") ?? 0) > 0 ||
    (costOf(row) ?? 0) > 0 ||
    conversationIn(row) !== null
  );
}

/** Whether somebody was spoken to. `answered` was set at a call's end only; where a row does not say, its status does. */
export function wasAnswered(row: OldRow): boolean {
  const status = wordOf(row, "status") ?? "";
  return status === "in-progress" || (truthOf(row, "answered") ?? ANSWERED.has(status));
}
