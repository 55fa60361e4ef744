import { PAIR_NAMES, REMOVED, withoutCredentials } from "./payload-secrets.ts";
import type { Removal, RemovalUnder } from "./secret-names.ts";
import { strongerRemoval } from "./secret-names.ts";

/*
 * Scanned by hand: the text can be megabytes of anything, and a regular expression for JSON strings would exhaust
 * its stack on it. Every step moves on, so the time is linear.
 */

const STRUCTURE = /["{}[\]]/g;
const NAMES_A_VALUE = /\s*[:=]/y;
const FIELD = /(?<![\w-])([A-Za-z_][\w-]{0,99})['"]?\s*[=:]\s*['"]?(?:(?:bearer|basic)\s+)?/gi;
const FIELD_VALUE = /[^\s&;,'"]*/y;
const HOLDS_JSON = /^"\s*\{\s*\\"/;
const NUMBER = /\d[\d.eE+-]*/g;

/**
 * Removes the secrets from bytes that are no JSON, or too deep to walk: cut off, form-encoded, or anything.
 * It reads the text as far as it looks like JSON, and keeps everything that is not under a secret's name.
 */
export function textWithoutSecrets(text: string, removalUnder: RemovalUnder): string {
  const out: string[] = [];
  const outer: Removal[] = [];
  let around: Removal = "nothing";
  let removal: Removal = "nothing";
  let name = "";
  let ofPair: Removal = "nothing";
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = endOfPiece(text, at);
    const piece = text.slice(at, end);
    if (piece === "{" || piece === "[") {
      outer.push(around);
      around = removal;
      ofPair = "nothing";
    } else if (piece === "}" || piece === "]") {
      around = outer.pop() ?? "nothing";
      removal = around;
    } else if (piece.startsWith('"') && isFollowedByValue(text, end)) {
      name = textOf(piece);
      removal = strongerRemoval(around, removalUnder(name));
      if (name === "value") removal = strongerRemoval(removal, ofPair);
    } else {
      if (PAIR_NAMES.includes(name) && piece.startsWith('"')) ofPair = removalUnder(textOf(piece));
      out.push(valueWithoutSecrets(piece, removalUnder, removal));
      continue;
    }
    out.push(piece);
  }
  return out.join("");
}

/** Where the string, the bracket or the run of anything else that starts at `at` ends. */
function endOfPiece(text: string, at: number): number {
  if (text[at] === '"') return endOfString(text, at);
  STRUCTURE.lastIndex = at;
  const next = STRUCTURE.exec(text)?.index ?? text.length;
  return next === at ? at + 1 : next;
}

/** A string that is cut off reaches to the end of the text. */
function endOfString(text: string, at: number): number {
  for (let index = at + 1; index < text.length; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text[index] === '"') return index + 1;
  }
  return text.length;
}

function isFollowedByValue(text: string, at: number): boolean {
  NAMES_A_VALUE.lastIndex = at;
  return NAMES_A_VALUE.test(text);
}

function valueWithoutSecrets(piece: string, removalUnder: RemovalUnder, removal: Removal): string {
  if (piece.startsWith('"')) {
    if (removal === "queries") return piece.replace(/[?#][^"]*/, "");
    if (removal !== "nothing") return `"${REMOVED}"`;
    return HOLDS_JSON.test(piece) ? innerWithoutSecrets(piece, removalUnder) : withoutCredentials(piece);
  }
  const run = removal === "all" ? piece.replace(NUMBER, REMOVED) : piece;
  return withoutCredentials(fieldsWithoutSecrets(run, removalUnder));
}

/** `name=value` and `name: value` outside of JSON strings: forms, headers, other languages' literals. */
function fieldsWithoutSecrets(run: string, removalUnder: RemovalUnder): string {
  let out = "";
  let kept = 0;
  for (const field of run.matchAll(FIELD)) {
    if (field.index < kept || removalUnder(field[1] ?? "") === "nothing") continue;
    FIELD_VALUE.lastIndex = field.index + field[0].length;
    out += run.slice(kept, FIELD_VALUE.lastIndex) + REMOVED;
    FIELD_VALUE.exec(run);
    kept = FIELD_VALUE.lastIndex;
  }
  return out + run.slice(kept);
}

/** A text that is JSON itself. One that is cut off inside of an escape cannot be looked into. */
function innerWithoutSecrets(piece: string, removalUnder: RemovalUnder): string {
  const whole = [piece, `${piece}"`].find((text) => textOf(text) !== text);
  if (whole === undefined) return `"${REMOVED}"`;
  const inner = textOf(whole);
  const cleaned = textWithoutSecrets(inner, removalUnder);
  return cleaned === inner ? piece : JSON.stringify(cleaned);
}

/** A name or a text as JSON means it: escapes hide nothing. */
function textOf(piece: string): string {
  try {
    const name: unknown = JSON.parse(piece);
    return typeof name === "string" ? name : piece;
  } catch {
    return piece;
  }
}
