import type { Json } from "@call-ledger/domain";
import { isList } from "@call-ledger/domain";

export type JsonObject = { readonly [key: string]: Json };

/** A list is a body with any number of messages. */
export type ParsedBody = JsonObject | readonly Json[];

/** Why a body is not read: it is neither a JSON object nor a list, or exceeds the limits. */
export type Unread = "unparseable" | "too_complex";

/** No provider nests deeper, and recursive code would exhaust its stack. */
const MAX_DEPTH = 64;

/**
 * The max number of elements and keys. A report of 5 MB of short utterances has 270,000. Read in its worst form, a body
 * of so many keys takes 110 MB, and one of 500,000 takes 200 MB and longer than a sender waits.
 */
const MAX_PARTS = 300_000;

/**
 * The max sum of the depths of all objects and lists. A report of 5 MB has a fifth. For lists in lists up to the max
 * depth, Postgres would take longer than a sender waits.
 */
const MAX_DEPTHS = 2_000_000;

const UTF8 = new TextDecoder();

/** Integers of fewer digits are exact as numbers. */
const MIN_LONG_DIGITS = 16;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
/** The bytes of a number beside its digits: `+ - . E e`. */
const IN_NUMBERS = new Set([0x2b, MINUS, 0x2e, 0x45, 0x65]);

/** Returns the body as text, without a byte order mark and with invalid UTF-8 replaced. */
export function bodyText(body: Uint8Array): string {
  return UTF8.decode(body);
}

/**
 * Returns the JSON object or list in a body, nested at most 64 deep and with at most 300,000 elements and keys, or the
 * reason why it is not read. A text that is JSON itself is parsed too. An integer that a number cannot hold exactly
 * becomes a text of its digits.
 */
export function parseBody(body: Uint8Array): ParsedBody | Unread {
  const longIntegers = placesWithinBounds(body);
  if (longIntegers === null) return "too_complex";
  try {
    const value: Json = JSON.parse(withTexts(body, longIntegers));
    if (typeof value === "string") return parseJson(value) ?? "unparseable";
    return value !== null && typeof value === "object" ? value : "unparseable";
  } catch {
    return "unparseable";
  }
}

/** The begin, and the first and the last character, of a JSON object, a list, and a text. */
const BEGIN = /^\s*(?:\{\s*["}]|\[\s*[[\]{"\d\-tfn]|")/;
const ENDS = new Set(["{}", "[]", '""']);

/** Returns the JSON object or list in a text, or in a text in that text, within the limits of a body, else `null`. */
export function parseJson(text: string): ParsedBody | null {
  if (!BEGIN.test(text)) return null;
  const trimmed = text.trim();
  if (!ENDS.has(`${trimmed.at(0)}${trimmed.at(-1)}`)) return null;
  const parsed = parseBody(Buffer.from(text));
  return typeof parsed === "string" ? null : parsed;
}

/** Returns the JSON object in a text, within the limits of a body, else `null`. */
export function parseObject(text: string): JsonObject | null {
  const parsed = parseJson(text);
  return isObject(parsed) ? parsed : null;
}

/**
 * Returns the length of a value as JSON text, or any number greater than `max` if the text is longer. Reads no more of
 * the value than this needs.
 */
export function jsonLength(value: Json, max: number): number {
  if (typeof value === "string") return value.length > max ? value.length : JSON.stringify(value).length;
  if (value === null || typeof value !== "object") return JSON.stringify(value).length;
  // The brackets, and a comma after each element but the last.
  let length = isList(value) ? 1 + Math.max(1, value.length) : 1;
  if (isList(value)) {
    for (const element of value) {
      if (length > max) break;
      length += jsonLength(element, max - length);
    }
    return length;
  }
  for (const name of Object.keys(value)) {
    if (length > max) break;
    // A colon, and a comma or the bracket.
    length += jsonLength(name, max) + 2 + jsonLength(value[name] ?? null, max);
  }
  return Math.max(2, length);
}

/** Returns whether a JSON value is an object. */
export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

type Place = readonly [from: number, to: number];

/**
 * Returns the places of the integers of 16 digits or more; `null` if the body exceeds the limits. Reads the bytes,
 * because parsing itself would exhaust the memory.
 */
function placesWithinBounds(body: Uint8Array): Place[] | null {
  const longIntegers: Place[] = [];
  let depth = 0;
  let depths = 0;
  let parts = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte === QUOTE) at = endOfString(body, at);
    else if (byte === COMMA || byte === COLON) parts += 1;
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      parts += 1;
      depth += 1;
      depths += depth;
      if (depth > MAX_DEPTH) return null;
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth -= 1;
    else if (byte === MINUS || isDigit(byte)) {
      const end = endOfNumber(body, at);
      if (end - at >= MIN_LONG_DIGITS && body.subarray(at + 1, end).every(isDigit))
        longIntegers.push([at, end]);
      at = end - 1;
    }
  }
  return parts <= MAX_PARTS && depths <= MAX_DEPTHS ? longIntegers : null;
}

/** Returns the place of the quote that ends the string, or the length of the body. */
function endOfString(body: Uint8Array, from: number): number {
  let at = from + 1;
  for (let byte = body[at]; byte !== QUOTE && at < body.length; byte = body[at])
    at += byte === BACKSLASH ? 2 : 1;
  return at;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function endOfNumber(body: Uint8Array, from: number): number {
  let end = from + 1;
  for (; end < body.length; end += 1) {
    const byte = body[end] ?? 0;
    if (!isDigit(byte) && !IN_NUMBERS.has(byte)) break;
  }
  return end;
}

/** Returns the text of a body, with quotes around the integers at `places` that would lose digits as numbers. */
function withTexts(body: Uint8Array, places: readonly Place[]): string {
  let text = "";
  let kept = 0;
  for (const [from, to] of places) {
    const digits = bodyText(body.subarray(from, to));
    if (Number.isSafeInteger(Number(digits))) continue;
    text += `${bodyText(body.subarray(kept, from))}"${digits}"`;
    kept = to;
  }
  return text + bodyText(body.subarray(kept));
}
