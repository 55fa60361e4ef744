import type { Result } from "./command.ts";
import { table } from "./table.ts";
import { uuid, wholeNumber } from "./values.ts";

const MAX_LIMIT = 100_000;

export const ORGANIZATION_FILTER = { value: "ID", about: "only this organization", parse: uuid } as const;

/** The default number of rows in a list. */
export const DEFAULT_LIMIT = 100;
export const LIMIT_OPTION = {
  value: "N",
  about: `the max number of rows, 1 to ${MAX_LIMIT}; default ${DEFAULT_LIMIT}`,
  parse: wholeNumber(1, MAX_LIMIT),
} as const;

/** Returns an object as `--json` prints it, with keys in snake_case. JSON writes its dates in ISO 8601. */
export function documentOf(row: object): Record<string, unknown> {
  const named = Object.entries(row).map(([key, value]) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return Object.fromEntries(named);
}

/** Returns the result of a command that did something for `done` of the named ids, with exit code 1 for the others. */
export function doneResult(
  ids: readonly string[],
  done: readonly string[],
  says: { readonly done: string; readonly missing: (id: string) => string },
): Result {
  const missing = ids.filter((id) => !done.includes(id));
  return {
    document: done.map((id) => ({ id })),
    text: [`${done.length} of ${ids.length} ${says.done}.`, ...missing.map(says.missing)],
    exitCode: missing.length > 0 ? 1 : 0,
  };
}

/**
 * Returns rows as list commands print them. `none` is printed if there is no row. `limit` is the max number of rows
 * that were read: if it is reached, a hint says that there may be more.
 */
export function listResult<Row extends object>(
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
