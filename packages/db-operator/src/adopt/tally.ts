import type { OldTable } from "@call-ledger/db/migrate";
import { OLD_TABLES } from "@call-ledger/db/migrate";
import type { Reason } from "./attribution.ts";
import { unreadIn } from "./columns.ts";
import type { OldRow } from "./old-row.ts";

/** Numbers of rows. Each row is in one of the three. */
export type Counts = {
  /** Rows that this run booked. */
  readonly moved: number;
  /** Rows that are kept only in `adopted`; each is listed with its reason. */
  readonly unattributed: number;
  /** Second rows of a table for the same call, whose facts are merged, and rows that an earlier run booked. */
  readonly duplicates: number;
};

/** What the application had deleted and kept as rows. It is adopted too. */
export type Deleted = Readonly<Record<"organizations" | "agents" | "calls", number>>;

export type UnattributedRow = {
  readonly table: OldTable;
  readonly id: string;
  readonly providerCallId: string | null;
  readonly reason: Reason;
};

/** Counts rows as they are handled, and collects those that stay behind until `takeLeft`. */
export type Tally = {
  count(table: OldTable, as: Exclude<keyof Counts, "unattributed">): void;
  leave(row: OldRow, providerCallId: string | null, reason: Reason): void;
  /** Counts the values of a row that could not be read. */
  countUnread(row: OldRow): void;
  countDeleted(what: keyof Deleted): void;
  deleted(): Deleted;
  /** Counts a value that another row of its call outvoted. */
  countOutvoted(table: OldTable, column: string): void;
  /** The numbers of such values of a table, by column. */
  columnsOf(table: OldTable): Readonly<Record<"unread" | "outvoted", Readonly<Record<string, number>>>>;
  /** The rows that were left since the last time. */
  takeLeft(): UnattributedRow[];
  countsOf(table: OldTable): Counts;
  total(): Counts;
};

export function openTally(): Tally {
  const counts = new Map<OldTable, Counts>();
  const countsOf = (table: OldTable) => counts.get(table) ?? { moved: 0, unattributed: 0, duplicates: 0 };
  const add = (table: OldTable, as: keyof Counts) => {
    const before = countsOf(table);
    counts.set(table, { ...before, [as]: before[as] + 1 });
  };
  let left: UnattributedRow[] = [];
  let deleted: Deleted = { organizations: 0, agents: 0, calls: 0 };
  const unread = openCounts();
  const outvoted = openCounts();
  return {
    count: add,
    countUnread(row) {
      for (const column of unreadIn(row)) unread.add(row.table, column);
    },
    countDeleted(what) {
      deleted = { ...deleted, [what]: deleted[what] + 1 };
    },
    deleted: () => deleted,
    countOutvoted: outvoted.add,
    columnsOf: (table) => ({ unread: unread.of(table), outvoted: outvoted.of(table) }),
    leave(row, providerCallId, reason) {
      add(row.table, "unattributed");
      left.push({ table: row.table, id: row.id, providerCallId, reason });
    },
    takeLeft() {
      const taken = left;
      left = [];
      return taken;
    },
    countsOf,
    total: () =>
      OLD_TABLES.map(countsOf).reduce((sum, one) => ({
        moved: sum.moved + one.moved,
        unattributed: sum.unattributed + one.unattributed,
        duplicates: sum.duplicates + one.duplicates,
      })),
  };
}

/** Counts columns by table. */
function openCounts() {
  const counts = new Map<OldTable, Record<string, number>>();
  return {
    add(table: OldTable, column: string): void {
      const of = counts.get(table) ?? {};
      counts.set(table, { ...of, [column]: (of[column] ?? 0) + 1 });
    },
    of: (table: OldTable): Readonly<Record<string, number>> => counts.get(table) ?? {},
  };
}
