import type { OldTable } from "@call-ledger/db/migrate";
import type { Instant, Json } from "@call-ledger/domain";
import {
  boundedDollars,
  boundedInstant,
  boundedJson,
  boundedSeconds,
  boundedText,
} from "@call-ledger/domain";

/** A row as it was found: which columns it has and of which types differs by database, so every value is read with care. */
export type OldRow = {
  readonly table: OldTable;
  /** The text of its `id`, or its place in the table where it has none. */
  readonly id: string;
  readonly fields: Readonly<Record<string, Json>>;
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?(Z|[+-]\d{2}(?::?\d{2})?)?$/;

export function textOf(row: OldRow, column: string): string | null {
  return boundedText(row.fields[column])?.trim() || null;
}

/** A status or an outcome in one spelling: `in_progress`, `In Progress` and `in-progress` are one word. */
export function wordOf(row: OldRow, column: string): string | null {
  return (
    textOf(row, column)
      ?.toLowerCase()
      .replaceAll(/[_\s]+/g, "-") ?? null
  );
}

export function uuidOf(row: OldRow, column: string): string | null {
  const text = textOf(row, column)?.toLowerCase() ?? "";
  return UUID.test(text) ? text : null;
}

/** Milliseconds. A time without a zone is UTC, in which the old system wrote; years outside of 2000 to 2100 are `null`. */
export function instantOf(row: OldRow, column: string): Instant | null {
  const [, date, time = "00:00:00", zone = "Z"] = TIMESTAMP.exec(textOf(row, column) ?? "") ?? [];
  if (date === undefined) return null;
  return boundedInstant(`${date}T${time}${/^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone}`);
}

/** Whole seconds, never negative. */
export function secondsOf(row: OldRow, column: string): number | null {
  return boundedSeconds(numberOf(row, column));
}

export function dollarsOf(row: OldRow, column: string): number | null {
  return boundedDollars(numberOf(row, column));
}

function numberOf(row: OldRow, column: string): number | null {
  const value = row.fields[column];
  if (typeof value === "number") return value;
  const text = textOf(row, column);
  return text === null ? null : Number(text);
}

export function truthOf(row: OldRow, column: string): boolean | null {
  const value = row.fields[column];
  if (typeof value === "boolean") return value;
  const word = wordOf(row, column);
  return word === null ? null : ["t", "true", "1", "yes"].includes(word);
}

/** A value of a JSON column, or of a text column that holds JSON; text that is no JSON stays text. Blank is `null`. */
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

export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: Json | null | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
