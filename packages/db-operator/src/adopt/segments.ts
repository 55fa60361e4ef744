import type { CallEvent } from "@call-ledger/domain";
import { linesOf, saidIn } from "./conversation.ts";
import type { OldRow } from "./old-row.ts";
import { instantOf, textOf, wordOf } from "./old-row.ts";

/** The provider's words for the old words of speakers. */
const ROLES: ReadonlyMap<string, string> = new Map([
  ["agent", "assistant"],
  ["ai", "assistant"],
  ["bot", "assistant"],
  ["client", "user"],
  ["customer", "user"],
  ["caller", "user"],
  ["human", "user"],
]);

/** The role of a sentence whose speaker is not known. It is not the caller's. */
const NOBODY = "unknown";

/**
 * The spoken segments, one event for each row. Without another time, a row's creation distinguishes equal sentences.
 */
export function segmentsOf(rows: readonly OldRow[]): CallEvent[] {
  return rows.flatMap((row): CallEvent[] => {
    const text = row.table === "call_transcripts" ? segmentIn(row) : null;
    if (text === null) return [];
    const speaker = wordOf(row, "speaker") ?? NOBODY;
    const role = ROLES.get(speaker) ?? speaker;
    return [
      {
        kind: "call.transcribed",
        type: "adopted.call_transcripts",
        occurredAt: instantOf(row, "timestamp") ?? instantOf(row, "created_at"),
        segment: { role, text, byCaller: role === "user" },
      },
    ];
  });
}

/** The spoken text of a row: a text, or a text within JSON. */
export function segmentIn(row: OldRow): string | null {
  const spoken = saidIn(row, "text");
  return typeof spoken === "string" ? spoken : (linesOf(spoken) ?? textOf(row, "text"));
}
