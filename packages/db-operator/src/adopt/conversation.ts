import type { Json, Report } from "@call-ledger/domain";
import type { OldRow } from "./old-row.ts";
import { isObject, jsonOf } from "./old-row.ts";

export type Conversation = Pick<Report, "transcript" | "messages">;

/** What was said, as one row has it: a text, or a list of what was said by whom; `null`: it has neither. */
export function conversationIn(row: OldRow): Conversation | null {
  const value = jsonOf(row, "transcript") ?? jsonOf(row, "transcript_text");
  if (typeof value === "string") return { transcript: value, messages: null };
  if (value === null || typeof value !== "object" || Object.keys(value).length === 0) return null;
  return { transcript: linesOf(value), messages: value };
}

function linesOf(value: Json): string | null {
  if (!Array.isArray(value)) return null;
  const lines = value.flatMap((turn: Json) => {
    if (typeof turn === "string") return [turn];
    if (!isObject(turn)) return [];
    const text = [turn.text, turn.content, turn.message].find((said) => typeof said === "string");
    const speaker = [turn.speaker, turn.role].find((said) => typeof said === "string");
    return text === undefined ? [] : [speaker === undefined ? text : `${speaker}: ${text}`];
  });
  return lines.length === 0 ? null : lines.join("\n");
}
