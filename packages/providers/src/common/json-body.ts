import type { Json } from "@call-ledger/domain";

export type JsonObject = { readonly [key: string]: Json };

/** Why a body is not read: it is not a JSON object, or exceeds the limits. */
type Unread = "unparseable" | "too_complex";

/** No provider nests deeper, and recursive code would exhaust its stack. */
const MAX_DEPTH = 64;

/**
 * The max number of elements and keys. A report of 5 MB with words, times and confidences has half as many. A body with
 * more would take a hundred times its size in memory.
 */
const MAX_PARTS = 500_000;

/**
 * The max sum of the depths of all objects and lists. A report of 5 MB has a fifth. For lists in lists up to the max
 * depth, Postgres would take longer than a sender waits.
 */
const MAX_DEPTHS = 2_000_000;

const UTF8 = new TextDecoder();

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** Returns the body as text, without a byte order mark and with invalid UTF-8 replaced. */
export function bodyText(body: Uint8Array): string {
  return UTF8.decode(body);
}

/**
 * Returns the JSON object in a body, nested at most 64 deep and with at most 500,000 elements and keys, or the reason
 * why it is not read.
 */
export function parseBody(body: Uint8Array): JsonObject | Unread {
  if (!isWithinBounds(body)) return "too_complex";
  try {
    const value: Json = JSON.parse(bodyText(body));
    return isObject(value) ? value : "unparseable";
  } catch {
    return "unparseable";
  }
}

/** Returns the JSON object in a text, within the limits of a body, else `null`. */
export function parseObject(text: string): JsonObject | null {
  const parsed = parseBody(Buffer.from(text));
  return isObject(parsed) ? parsed : null;
}

/** Returns whether a JSON value is an object. */
export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** Counts in the bytes, because parsing itself would exhaust the memory. */
function isWithinBounds(body: Uint8Array): boolean {
  let depth = 0;
  let depths = 0;
  let parts = 0;
  let isInString = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) isInString = !isInString;
    else if (isInString) {
      if (byte === BACKSLASH) at += 1;
    } else if (byte === COMMA || byte === COLON) parts += 1;
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      parts += 1;
      depth += 1;
      depths += depth;
      if (depth > MAX_DEPTH) return false;
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth -= 1;
  }
  return parts <= MAX_PARTS && depths <= MAX_DEPTHS;
}
