import type { Json } from "@call-ledger/domain";

export type JsonObject = { readonly [key: string]: Json };

/** Deeper nesting is no delivery of a provider, and would exhaust the stack of what walks it. */
const MAX_DEPTH = 200;

const UTF8 = new TextDecoder();

/** The body as text; a byte order mark is dropped, what is not UTF-8 is replaced. */
export function bodyText(body: Uint8Array): string {
  return UTF8.decode(body);
}

/** The JSON object that a text is, nested at most 200 deep, else `null`. */
export function parseObject(text: string): JsonObject | null {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) && isWithinDepth(value, MAX_DEPTH) ? value : null;
  } catch {
    return null;
  }
}

/** Whether a value out of parsed JSON is an object. */
export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function isWithinDepth(value: Json, depth: number): boolean {
  if (value === null || typeof value !== "object") return true;
  return depth > 0 && Object.values(value).every((inner) => isWithinDepth(inner, depth - 1));
}
