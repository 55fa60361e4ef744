import { endOf } from "./call-status.ts";
import { UPLOAD_TABLES } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import { instantOf } from "./old-row.ts";

/** The tables that win if rows differ, in this order. The first is the table of the old report handler. */
const ORDER: readonly OldRow["table"][] = ["call_logs", "calls", "call_tracking", ...UPLOAD_TABLES];

/**
 * Sorts the rows of a call by their right to a fact. Of two rows of one table, the one that was revised later comes
 * first. Everything that reads a fact takes it from the first row that has it.
 */
export function inOrder(rows: readonly OldRow[]): OldRow[] {
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b) || (revisedAt(b) ?? 0) - (revisedAt(a) ?? 0));
}

/** The value of the first row that has one. */
export function firstOf<T>(rows: readonly OldRow[], read: (row: OldRow) => T | null): T | null {
  for (const row of rows) {
    const value = read(row);
    if (value !== null) return value;
  }
  return null;
}

/** The time of a row's last change. */
export function revisedAt(row: OldRow): number | null {
  return instantOf(row, "updated_at") ?? endOf(row);
}

/** Whether a table can have facts of a report. */
export function hasFacts({ table }: OldRow): boolean {
  return ORDER.includes(table);
}

function placeOf({ table }: OldRow): number {
  const place = ORDER.indexOf(table);
  return place < 0 ? ORDER.length : place;
}
