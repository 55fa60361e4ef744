import type { Json, Report } from "@call-ledger/domain";
import type { JsonObject, OldRow } from "./old-row.ts";
import { isObject, jsonOf } from "./old-row.ts";

export type Conversation = Pick<Report, "transcript" | "messages">;

/** The conversation of one row: a text, or a list of turns with their speakers; `null`: it has neither. */
export function conversationIn(row: OldRow): Conversation | null {
  const found = ["transcript", "transcript_text"].map((column) => saidIn(row, column));
  const messages = found.find((value) => value !== null && typeof value !== "string") ?? null;
  const text = found.find((value) => typeof value === "string") ?? null;
  if (text === null && messages === null) return null;
  return { transcript: text ?? linesOf(messages), messages };
}

/** A text, a list or an object that is not empty; `null`: an empty or another value. */
export function saidIn(row: OldRow, column: string): Json | null {
  const value = jsonOf(row, column);
  if (typeof value === "string") return value.trim() === "" ? null : value;
  return value !== null && typeof value === "object" && Object.keys(value).length > 0 ? value : null;
}

/** Returns the lines of a list of turns, or of an object that has one. */
export function linesOf(value: Json | null): string | null {
  if (isObject(value)) {
    const text = textIn(value);
    return text ?? linesOf([value.messages, value.turns, value.segments].find(Array.isArray) ?? null);
  }
  if (!Array.isArray(value)) return null;
  const lines = value.flatMap((turn: Json) => {
    if (typeof turn === "string") return [turn];
    const text = isObject(turn) ? textIn(turn) : null;
    if (!isObject(turn) || text === null) return [];
    const speaker = [turn.speaker, turn.role].find((value) => typeof value === "string");
    return [speaker === undefined ? text : `${speaker}: ${text}`];
  });
  return lines.length === 0 ? null : lines.join("\n");
}

function textIn({ transcript, text, content, message }: JsonObject): string | null {
  return [transcript, text, content, message].find((value) => typeof value === "string") ?? null;
}
