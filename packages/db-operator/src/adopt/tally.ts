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

export type Tally = ReturnType<typeof openTally>;

/** Counts rows as they are handled, and collects those that stay behind until `takeLeft`. */
export function openTally() {
  const [rows, unread, outvoted] = [openCounts(), openCounts(), openCounts()];
  const deleted = { organizations: 0, agents: 0, calls: 0 };
  let left: UnattributedRow[] = [];
  const countsOf = (table: OldTable): Counts => ({
    ...{ moved: 0, unattributed: 0, duplicates: 0 },
    ...rows.of(table),
  });
  return {
    count: (table: OldTable, as: "moved" | "duplicates") => rows.add(table, as),
    leave(row: OldRow, providerCallId: string | null, reason: Reason): void {
      rows.add(row.table, "unattributed");
      left.push({ table: row.table, id: row.id, providerCallId, reason });
    },
    /** Returns the rows that were left since the last time. */
    takeLeft(): UnattributedRow[] {
      const taken = left;
      left = [];
      return taken;
    },
    /** Counts the values of a row that could not be read. */
    countUnread(row: OldRow): void {
      for (const column of unreadIn(row)) unread.add(row.table, column);
    },
    /** Counts a value that another row of its call outvoted. */
    countOutvoted: outvoted.add,
    /** The numbers of such values of a table, by column. */
    columnsOf: (table: OldTable) => ({ unread: unread.of(table), outvoted: outvoted.of(table) }),
    countDeleted(what: keyof Deleted): void {
      deleted[what] += 1;
    },
    deleted: (): Deleted => deleted,
    countsOf,
    total: () =>
      OLD_TABLES.map(countsOf).reduce((sum, one) => ({
        moved: sum.moved + one.moved,
        unattributed: sum.unattributed + one.unattributed,
        duplicates: sum.duplicates + one.duplicates,
      })),
  };
}

/** Counts by table and name. */
function openCounts() {
  const counts = new Map<OldTable, Record<string, number>>();
  return {
    add(table: OldTable, name: string): void {
      const of = counts.get(table) ?? {};
      counts.set(table, { ...of, [name]: (of[name] ?? 0) + 1 });
    },
    of: (table: OldTable): Readonly<Record<string, number>> => counts.get(table) ?? {},
  };
}
