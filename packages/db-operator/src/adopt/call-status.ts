import type { OldRow } from "./old-row.ts";
import { dollarsOf, instantOf, textOf, truthOf, wordOf } from "./old-row.ts";

const UNDER_WAY = new Set(["queued", "ringing", "in-progress"]);
const ANSWERED = new Set(["in-progress", "completed", "ended"]);

/**
 * Whether a row says that its call is over: by its status, or by what only the end of a call brings. A handler that
 * died in between left rows that are `in-progress` and have an end time, a recording or a transcript.
 */
export function isOver(row: OldRow): boolean {
  const status = wordOf(row, "status");
  return (
    (status !== null && !UNDER_WAY.has(status)) ||
    instantOf(row, "ended_at") !== null ||
    textOf(row, "recording_url") !== null ||
    (dollarsOf(row, "cost") ?? 0) > 0 ||
    (row.fields.transcript ?? "") !== ""
  );
}

/** Whether somebody was spoken to; where the row does not say, by its status. */
export function wasAnswered(row: OldRow): boolean {
  return truthOf(row, "answered") ?? ANSWERED.has(wordOf(row, "status") ?? "");
}
