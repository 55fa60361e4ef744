import type { Json } from "@call-ledger/domain";
import { boundedJson, boundedText, isList } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject, parseJson } from "../common/json-body.ts";
import { INSTRUCTORS } from "../common/prompts.ts";

/** The names of speakers in Vapi's own transcripts. */
export const SPEAKERS: ReadonlyMap<string, string> = new Map([
  ["assistant", "AI"],
  ["agent", "AI"],
  ["bot", "AI"],
  ["ai", "AI"],
  ["user", "User"],
  ["customer", "User"],
  ["human", "User"],
  ["caller", "User"],
]);

/** A line of a transcript in Vapi's form, `AI: …` or `User: …`: the speaker and the words. */
export const SPOKEN_LINE = /^[ \t]*([A-Za-z]+)[ \t]*[:：][ \t]*(.*)$/;

/** Returns a transcript as text. Turns give one line each. `null`: it is empty. */
export function linesOf(transcript: unknown): string | null {
  const turns = listIn(transcript);
  if (turns === null) return boundedText(isObject(transcript) ? wordsIn(transcript) : transcript);
  const lines = turns.flatMap((turn) => lineOf(turn) ?? []);
  return lines.length === 0 ? null : boundedText(lines.join("\n"));
}

/** Returns the turns of a transcript that has turns, else `null`. */
export function turnsIn(transcript: unknown): Json | null {
  const turns: Json[] = (listIn(transcript) ?? []).filter(isObject);
  return turns.length === 0 ? null : boundedJson(turns);
}

/** A list, the list in an object, an object with a turn under each name, or the JSON of one of these. */
function listIn(said: unknown): readonly Json[] | null {
  const transcript = typeof said === "string" ? parseJson(said) : said;
  if (Array.isArray(transcript)) return transcript;
  if (!isObject(transcript)) return null;
  const values = Object.values(transcript);
  return values.find(isList) ?? (values.every(isObject) ? values : null);
}

function lineOf(turn: unknown): string | null {
  if (typeof turn === "string") return turn;
  if (!isObject(turn)) return null;
  const text = wordsIn(turn);
  const speaker = speakerOf(turn);
  if (text === null || INSTRUCTORS.has(speaker?.toLowerCase() ?? "")) return null;
  return speaker === null ? text : `${SPEAKERS.get(speaker.toLowerCase()) ?? speaker}: ${text}`;
}

/** Returns the speaker of a message or a turn, in the provider's word. */
export function speakerOf({ role, speaker }: JsonObject): string | null {
  const name = [role, speaker].find((one) => typeof one === "string");
  return typeof name === "string" ? name : null;
}

/**
 * Returns the words of a message or a turn, under any name that Vapi has used for them, also in an object of their own.
 * A list of parts gives one text.
 */
export function wordsIn({ message, content, text, transcript, utterance }: JsonObject): string | null {
  const texts = [message, content, text, transcript, utterance].map(partsOf);
  return texts.find((words) => words !== null && /\S/.test(words)) ?? null;
}

function partsOf(words: Json | undefined): string | null {
  if (typeof words === "string") return words;
  if (isObject(words)) return wordsIn(words);
  if (!Array.isArray(words)) return null;
  const texts = words.filter(isObject).map(({ text }) => text);
  return texts.filter((text) => typeof text === "string").join("\n");
}
