import type { Result } from "./command.ts";
import { table } from "./table.ts";
import { uuid, wholeNumber } from "./values.ts";

const MAX_LIMIT = 100_000;

export const ORGANIZATION_FILTER = { value: "ID", about: "of this organization only", parse: uuid } as const;

/** How many rows a list shows if nobody says how many. */
export const DEFAULT_LIMIT = 100;
export const LIMIT_OPTION = {
  value: "N",
  about: `at most so many, 1 to ${MAX_LIMIT}; default ${DEFAULT_LIMIT}`,
  parse: wholeNumber(1, MAX_LIMIT),
} as const;

/** An object as `--json` prints it: its keys in snake_case; JSON writes its dates in ISO 8601. */
export function documentOf(row: object): Record<string, unknown> {
  const named = Object.entries(row).map(([key, value]) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return Object.fromEntries(named);
}

/** Rows as a list command prints them. `none` is said if there is no row; `limit`: there may be more than so many. */
export function listed<Row extends object>(
  rows: readonly Row[],
  {
    columns,
    none,
    limit,
  }: {
    readonly columns: Readonly<Record<string, (row: Row) => string | number | Date | null>>;
    readonly none: string;
    readonly limit?: number;
  },
): Result {
  const cells = rows.map((row) =>
    Object.values(columns).map((cellOf) => {
      const cell = cellOf(row);
      return cell instanceof Date ? cell.toISOString() : (cell?.toString() ?? null);
    }),
  );
  const text = rows.length === 0 ? [none] : table(Object.keys(columns), cells);
  const more =
    limit !== undefined && rows.length === limit ? [`There may be more: --limit ${limit * 2}`] : [];
  return { document: rows.map(documentOf), text: [...text, ...more] };
}
