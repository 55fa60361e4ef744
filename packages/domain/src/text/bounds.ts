import type { Instant } from "../call/call-event.ts";
import type { Json } from "./json.ts";
import { isList, mapElements, mapFields } from "./json.ts";

/*
 * A value that Postgres refuses would fail the whole batch of its delivery: NUL in text, lone surrogates in jsonb,
 * years outside of timestamptz, ids too long for an index. So every value is bounded before its fingerprint is
 * computed.
 */

const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
const MAX_INT4 = 2_147_483_647;
const MAX_MONEY = 1e9;

/** The max length of an identifier in UTF-16 units. A longer one cannot be a key in the database. */
export const MAX_IDENTIFIER_LENGTH = 200;

/** Returns a text without NUL and lone surrogates; `null` for a value that is not a string or is empty afterwards. */
export function boundedText(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const wellFormed = value.isWellFormed() ? value : value.toWellFormed();
  const text = wellFormed.includes("\u0000") ? wellFormed.replaceAll("\u0000", "") : wellFormed;
  return text === "" ? null : text;
}

/** Returns a trimmed identifier of 1 to 200 characters, else `null`. */
export function boundedIdentifier(value: unknown): string | null {
  const text = boundedText(value)?.trim() ?? "";
  return text === "" || text.length > MAX_IDENTIFIER_LENGTH ? null : text;
}

const RFC_3339 = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(?:Z|([+-]\d\d)(?::?(\d\d))?)$/i;

/**
 * Returns an instant between the years 2000 and 2100 in whole milliseconds, from a number or a text in the form of RFC
 * 3339, else `null`. A text without a zone and a date that does not exist give `null`.
 */
export function boundedInstant(value: unknown): Instant | null {
  const instant = typeof value === "string" ? parsedInstant(value) : value;
  if (typeof instant !== "number" || !Number.isFinite(instant)) return null;
  const whole = Math.trunc(instant);
  return whole >= EARLIEST && whole < LATEST ? whole : null;
}

function parsedInstant(text: string): number | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [, date = "", time = "", seconds = "", hours = "", minutes = "00"] = match;
  const midnight = Date.parse(`${date}T00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, date.length) !== date) return null;
  return Date.parse(`${date}T${time}${seconds}${hours === "" ? "Z" : `${hours}:${minutes}`}`);
}

/** Returns a duration in whole seconds, rounded half up, 0 to 2^31-1, else `null`. */
export function boundedSeconds(value: unknown): number | null {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) return null;
  const seconds = Math.round(value);
  return seconds <= MAX_INT4 ? seconds : null;
}

/** Returns an amount in dollars, 0 to 1e9, rounded to a millionth (the scale of the column), else `null`. */
export function boundedDollars(value: unknown): number | null {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0 || value > MAX_MONEY) return null;
  return Number(value.toFixed(6));
}

/** Returns a JSON value whose texts and keys are well-formed and without NUL; the same object if they already are. */
export function boundedJson(value: Json): Json {
  if (typeof value === "string") return boundedText(value) ?? "";
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return mapElements(value, boundedJson);
  const bounded = mapFields(value, boundedJson);
  const keys = Object.keys(bounded);
  if (keys.every((key) => key === "" || key === boundedText(key))) return bounded;
  return Object.fromEntries(Object.entries(bounded).map(([key, field]) => [boundedText(key) ?? "", field]));
}
