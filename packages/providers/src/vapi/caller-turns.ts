import type { Json } from "@call-ledger/domain";
import { isList } from "@call-ledger/domain";
import { isObject } from "../common/json-body.ts";
import { SPEAKERS, SPOKEN_LINE, speakerOf, wordsIn } from "./turns.ts";

const SPOKEN_LINES = new RegExp(SPOKEN_LINE, "gm");

/** Returns whether a role or a speaker is the caller. */
export function isCaller(role: string): boolean {
  return SPEAKERS.get(role.toLowerCase()) === "User";
}

/** Returns whether a text has a word. Noise is transcribed as dots. */
export function hasWord(text: string | null): boolean {
  return text !== null && /[\p{L}\p{N}]/u.test(text);
}

/**
 * Counts the caller's turns in a list of messages or a transcript: 0 only if it has words of another speaker. `null` if
 * neither names speakers.
 */
export function callerTurnsOf(messages: Json | null, transcript: string | null): number | null {
  const counts = [turnsAmong(messages), linesIn(transcript)].filter((count) => count !== null);
  return counts.length === 0 ? null : Math.max(...counts);
}

function turnsAmong(messages: Json | null): number | null {
  if (messages === null || typeof messages !== "object" || !isList(messages)) return null;
  const spoken = messages.filter(isObject).flatMap((message) => {
    const speaker = speakerOf(message);
    // The answer of a tool is nobody's word.
    return speaker === null || /^(?:tool|function)/i.test(speaker) || !hasWord(wordsIn(message))
      ? []
      : [speaker];
  });
  return spoken.length === 0 ? null : spoken.filter(isCaller).length;
}

/** Counts the caller's lines in a transcript of Vapi's form, `AI: …` and `User: …`. */
function linesIn(transcript: string | null): number | null {
  let [spoken, ofCaller] = [0, 0];
  for (const [, name = "", words = ""] of (transcript ?? "").matchAll(SPOKEN_LINES)) {
    if (!SPEAKERS.has(name.toLowerCase()) || !hasWord(words)) continue;
    spoken += 1;
    if (isCaller(name)) ofCaller += 1;
  }
  return spoken === 0 ? null : ofCaller;
}
