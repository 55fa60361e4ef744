import type { Ending, Outcome } from "@call-ledger/domain";
import type { OldRow } from "./old-row.ts";
import { textOf, truthOf, wordOf } from "./old-row.ts";

/** Translates a provider's own reason into an ending; unknown words give the outcome `unknown`. */
export type EndingNamed = (reason: string) => Ending | null;

const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ["completed", "completed"],
  ["ended", "completed"],
  ["answered", "completed"],
  ["success", "completed"],
  ["successful", "completed"],
  ["transferred", "forwarded"],
  ["forwarded", "forwarded"],
  ["missed", "no_answer"],
  ["no-answer", "no_answer"],
  ["unanswered", "no_answer"],
  ["not-answered", "no_answer"],
  ["busy", "busy"],
  ["voicemail", "voicemail"],
  ["voicemail-left", "voicemail"],
  ["canceled", "canceled"],
  ["cancelled", "canceled"],
  ["failed", "failed"],
  ["error", "failed"],
]);

/** Columns that can name the end of a call, the most precise first. */
const SAYS = ["call_outcome", "outcome", "status"];

/** The outcome that a column names in a word of the old system; `null`: another word, or a call that is not over. */
export function outcomeNamed(row: OldRow, column: string): Outcome | null {
  const word = wordOf(row, column) ?? "";
  // Campaigns noted that a call was answered, with its result: answered-interested, answered-callback-requested.
  return OUTCOMES.get(word) ?? (word.startsWith("answered-") ? "completed" : null);
}

/** Whether a word names only the end of the call, and no result for the business. */
export function isPlainOutcome(row: OldRow, column: string): boolean {
  return OUTCOMES.has(wordOf(row, column) ?? "");
}

/**
 * The ending of a call in its rows, which have their order. The old system wrote `completed` for every call that was
 * over, so the word counts only if nothing else is given. A provider's reason is more precise than a word of the old
 * system, which is not a reason: its ending has none, and yields to any that a provider delivers.
 */
export function endingOf(rows: readonly OldRow[], endingNamed: EndingNamed): Ending | null {
  const found = rows.flatMap((row) => endingsIn(row, endingNamed));
  return (
    found.find(({ reason }) => reason !== null) ??
    found.find(({ outcome }) => outcome !== "completed") ??
    found[0] ??
    null
  );
}

function endingsIn(row: OldRow, endingNamed: EndingNamed): Ending[] {
  if (truthOf(row, "voicemail") === true) return [{ reason: null, outcome: "voicemail" }];
  return SAYS.flatMap((column): Ending[] => {
    const outcome = outcomeNamed(row, column);
    if (outcome !== null) return [{ reason: null, outcome }];
    const text = column === "status" ? null : textOf(row, column);
    const named = text === null ? null : endingNamed(text);
    return named === null || named.outcome === "unknown" ? [] : [named];
  });
}
