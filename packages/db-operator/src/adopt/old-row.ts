import type { OldTable } from "@call-ledger/db/migrate";
import type { Instant, Json } from "@call-ledger/domain";
import {
  boundedDollars,
  boundedIdentifier,
  boundedInstant,
  boundedJson,
  boundedSeconds,
  boundedText,
  isUuid,
  PLACEHOLDERS as USUAL,
} from "@call-ledger/domain";

/** A row as it was found. Its columns and their types differ by database, so every value is checked when it is read. */
export type OldRow = {
  readonly table: OldTable;
  /** The text of its `id`, or without one the MD5 of its content as JSON. */
  readonly id: string;
  readonly fields: Readonly<Record<string, Json>>;
};

/** Words that older systems wrote instead of an unknown value, in lower case. */
export const PLACEHOLDERS = [...USUAL, "na", "0", "test", "nil", "nan"] as const;

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?(?: ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?$/i;
/** JavaScript reads `0x1F` too, which no handler means as a number. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** As Postgres writes its type money; a comma before other than three digits is a decimal comma. */
const THOUSANDS = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const HOURS = /^(\d+):([0-5]\d):([0-5]\d(?:\.\d+)?)$/;
/** For the years 2000 to 2100, seconds and milliseconds since 1970 do not overlap. */
const FIRST_SECOND = 946_684_800;
const MAX_SECONDS = 1e11;

/**
 * The text of a column. A number is read as its digits, because old databases have telephone numbers and times of both
 * types.
 */
export function textOf(row: OldRow, column: string): string | null {
  const value = row.fields[column];
  return boundedText(typeof value === "number" ? String(value) : value)?.trim() || null;
}

/** An id of the provider; `null`: longer than 200 characters, which the ledger refuses. */
export function identifierOf(row: OldRow, column: string): string | null {
  return boundedIdentifier(textOf(row, column));
}

/** Whether a text stands for an unknown value. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDERS.some((word) => word === text.trim().toLowerCase());
}

/** A name or a telephone number; the old system wrote `Unknown` if it had none. */
export function partyIn(row: OldRow, column: string): string | null {
  const name = textOf(row, column);
  return name?.toLowerCase() === "unknown" ? null : name;
}

/** The carrier's id of a call; the old system invented one if it had none. */
export function carrierCallIdIn(row: OldRow, column: string): string | null {
  const id = textOf(row, column);
  return id?.startsWith("vapi-") ? null : id;
}

/** A status or an outcome in one spelling: `in_progress`, `In Progress` and `in-progress` are the same word. */
export function wordOf(row: OldRow, column: string): string | null {
  return (
    textOf(row, column)
      ?.toLowerCase()
      .replaceAll(/[_\s]+/g, "-") ?? null
  );
}

export function uuidOf(row: OldRow, column: string): string | null {
  const text = textOf(row, column)?.toLowerCase() ?? "";
  return isUuid(text) ? text : null;
}

/**
 * A time in milliseconds, from a timestamp, seconds or milliseconds since 1970. A time without a zone is UTC, which the
 * old system used. Years outside of 2000 to 2100 are `null`.
 */
export function instantOf(row: OldRow, column: string): Instant | null {
  const text = textOf(row, column) ?? "";
  const epoch = numberIn(text) ?? 0;
  if (epoch >= FIRST_SECOND) return boundedInstant(epoch < MAX_SECONDS ? epoch * 1000 : epoch);
  const [, date, time = "00:00:00", zone = "Z"] = TIMESTAMP.exec(text) ?? [];
  return date === undefined ? null : boundedInstant(`${date}T${time}${/^[a-z]/i.test(zone) ? "Z" : zone}`);
}

/** Returns whole seconds, never negative, from a number or an interval such as `00:02:05`. */
export function secondsOf(row: OldRow, column: string): number | null {
  const text = textOf(row, column) ?? "";
  const [, hours, minutes, seconds] = HOURS.exec(text) ?? [];
  return boundedSeconds(
    seconds === undefined ? numberIn(text) : Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds),
  );
}

/** An amount in dollars, also from `$0.42`, `$1,234.56` and `0.42 USD`; another currency is `null`. */
export function dollarsOf(row: OldRow, column: string): number | null {
  const amount = (textOf(row, column) ?? "").replace(/^\$ ?| ?USD$/g, "");
  return boundedDollars(numberIn(THOUSANDS.test(amount) ? amount.replaceAll(",", "") : amount));
}

function numberIn(text: string): number | null {
  return DECIMAL.test(text) ? Number(text) : null;
}

export function truthOf(row: OldRow, column: string): boolean | null {
  const value = row.fields[column];
  if (typeof value === "boolean") return value;
  const word = wordOf(row, column) ?? "";
  if (["t", "true", "1", "yes", "y"].includes(word)) return true;
  return ["f", "false", "0", "no", "n"].includes(word) ? false : null;
}

/** Whether the application has deleted what a row stands for, and kept the row; `null`: the value says neither. */
export function deletionIn(row: OldRow, column: string): boolean | null {
  return instantOf(row, column) === null ? truthOf(row, column) : true;
}

export function isDeleted(row: OldRow): boolean {
  return deletionIn(row, "deleted_at") === true;
}

/** A value of a JSON column, or of a text column with JSON. Other text stays text. An empty text is `null`. */
export function jsonOf(row: OldRow, column: string): Json | null {
  const value = row.fields[column] ?? null;
  if (typeof value !== "string") return value === null ? null : boundedJson(value);
  const text = textOf(row, column);
  if (text === null || !/^[[{"]/.test(text)) return text;
  try {
    return boundedJson(JSON.parse(text));
  } catch {
    return text;
  }
}

const MAX_DEPTH = 64;

/** Whether a value of a row is nested more than 64 deep, which the ledger cannot read. */
export function isTooDeep(row: OldRow): boolean {
  let level: Json[] = Object.values(row.fields);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((value) =>
      value !== null && typeof value === "object" ? Object.values(value) : [],
    );
  }
  return false;
}

export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: Json | null | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
