import type { Json } from "@call-ledger/domain";
import { boundedJson, boundedText } from "@call-ledger/domain";
import { isObject } from "../common/json-body.ts";

/** As Vapi's own transcripts call them. */
export const SPEAKERS: ReadonlyMap<string, string> = new Map([
  ["assistant", "AI"],
  ["agent", "AI"],
  ["bot", "AI"],
  ["ai", "AI"],
  ["user", "User"],
  ["customer", "User"],
  ["caller", "User"],
]);

/** A transcript as text: it is one, or a list of turns, which become a line each. `null`: nothing was said. */
export function linesOf(transcript: unknown): string | null {
  if (!Array.isArray(transcript)) return boundedText(transcript);
  const lines = transcript.flatMap((turn: unknown) => lineOf(turn) ?? []);
  return lines.length === 0 ? null : boundedText(lines.join("\n"));
}

/** The turns of a transcript that is a list of them, else `null`. */
export function turnsIn(transcript: unknown): Json | null {
  if (!Array.isArray(transcript)) return null;
  const turns: Json[] = transcript.filter(isObject);
  return turns.length === 0 ? null : boundedJson(turns);
}

function lineOf(turn: unknown): string | null {
  if (typeof turn === "string") return turn;
  if (!isObject(turn)) return null;
  const text = [turn.text, turn.content, turn.message, turn.transcript].find(
    (said) => typeof said === "string",
  );
  const speaker = [turn.role, turn.speaker].find((said) => typeof said === "string");
  if (typeof text !== "string" || text.trim() === "" || speaker === "system") return null;
  return typeof speaker === "string" ? `${SPEAKERS.get(speaker.toLowerCase()) ?? speaker}: ${text}` : text;
}
