import {
  isRemovedText,
  PAIR_NAMES,
  PAIR_VALUES,
  REMOVED,
  withoutCredentials,
  withoutTextSecrets,
} from "./payload-secrets.ts";
import type { Removal, RemovalUnder } from "./secret-names.ts";
import { REMOVALS, strongerRemoval } from "./secret-names.ts";
import type { TextField } from "./text-fields.ts";
import { withoutFields } from "./text-fields.ts";

/*
 * Scanned by hand, because the text can be megabytes of any kind, and a regular expression for JSON strings would
 * exhaust its stack. Every step moves forward, so the time is linear. Kept text is copied in one piece.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const STRUCTURE = /["{}[\]]/g;
const NAMES_A_VALUE = /\s*[:=]/y;
const HOLDS_JSON = /^"\s*\{\s*\\"/;
const NUMBER = /\d[\d.eE+-]*/g;

/**
 * Removes the secrets from text that is not JSON, or too complex to walk: truncated, form-encoded, or any other. It
 * reads the text as far as it looks like JSON, and keeps everything that is not under a secret's name.
 */
export function textWithoutSecrets(text: string, removalUnder: RemovalUnder): string {
  const outer = removalStack();
  let around: Removal = "nothing";
  let removal: Removal = "nothing";
  let name = "";
  let ofPair: Removal = "nothing";
  let cleaned = "";
  let kept = 0;
  for (let at = 0, end = 0; at < text.length; at = end) {
    const first = text.charCodeAt(at);
    if (OPENING.has(first)) {
      end = at + 1;
      outer.push(around);
      around = removal;
      ofPair = "nothing";
    } else if (CLOSING.has(first)) {
      end = at + 1;
      around = outer.pop();
      removal = around;
    } else {
      end = first === QUOTE ? endOfString(text, at) : endOfRun(text, at);
      const piece = text.slice(at, end);
      if (first === QUOTE && isFollowedByValue(text, end)) {
        name = textOf(piece);
        removal = strongerRemoval(around, removalUnder(name));
        if (PAIR_VALUES.has(name)) removal = strongerRemoval(removal, ofPair);
        continue;
      }
      if (first === QUOTE && PAIR_NAMES.includes(name)) ofPair = removalUnder(textOf(piece));
      const value = valueWithoutSecrets(piece, removalUnder, removal);
      if (value === piece) continue;
      cleaned += text.slice(kept, at) + value;
      kept = end;
    }
  }
  return kept === 0 ? text : cleaned + text.slice(kept);
}

/** A stack of one byte for each level, because the text decides the number of levels. */
function removalStack() {
  let levels = new Uint8Array(256);
  let depth = 0;
  return {
    push(removal: Removal): void {
      if (depth === levels.length) {
        const larger = new Uint8Array(2 * levels.length);
        larger.set(levels);
        levels = larger;
      }
      levels[depth] = REMOVALS.indexOf(removal);
      depth += 1;
    },
    /** Returns the value that was pushed last; "nothing" if the stack is empty. */
    pop(): Removal {
      if (depth === 0) return "nothing";
      depth -= 1;
      return REMOVALS[levels[depth] ?? 0] ?? "nothing";
    },
  };
}

/** Returns the end of a run that has no strings and no brackets. */
function endOfRun(text: string, at: number): number {
  STRUCTURE.lastIndex = at;
  return STRUCTURE.exec(text)?.index ?? text.length;
}

/** Returns the end of a string. A truncated string ends with the text. */
function endOfString(text: string, at: number): number {
  for (let index = at + 1; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === BACKSLASH) index += 1;
    else if (unit === QUOTE) return index + 1;
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
    if (isRemovedText(textOf(piece), removal)) return `"${REMOVED}"`;
    if (HOLDS_JSON.test(piece)) return innerWithoutSecrets(piece, removalUnder);
    const meant = piece.length > 1 && piece.endsWith('"') ? textOf(piece) : piece;
    if (meant === piece) return withoutTextSecrets(piece, removalUnder);
    const cleaned = withoutTextSecrets(meant, removalUnder);
    return cleaned === meant ? piece : JSON.stringify(cleaned);
  }
  const run = removal === "all" ? piece.replace(NUMBER, REMOVED) : piece;
  return withoutCredentials(withoutFields(run, REMOVED, removalUnder, isSecretField));
}

function isSecretField({ removal, value }: TextField): boolean {
  return removal === "queries" || isRemovedText(value, removal);
}

/** Cleans a text that is JSON itself. A text that is truncated inside of an escape cannot be searched. */
function innerWithoutSecrets(piece: string, removalUnder: RemovalUnder): string {
  const whole = [piece, `${piece}"`].find((text) => textOf(text) !== text);
  if (whole === undefined) return `"${REMOVED}"`;
  const inner = textOf(whole);
  const cleaned = textWithoutSecrets(inner, removalUnder);
  return cleaned === inner ? piece : JSON.stringify(cleaned);
}

/** Returns the meaning of a JSON string, so that escapes cannot hide a secret. */
function textOf(piece: string): string {
  if (!piece.includes("\\")) return piece.slice(1, -1);
  try {
    const name: unknown = JSON.parse(piece);
    return typeof name === "string" ? name : piece;
  } catch {
    return piece;
  }
}
