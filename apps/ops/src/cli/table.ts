import { printable } from "./printable.ts";

/** Returns rows of text as aligned columns under a heading. A missing value is "-". */
export function table(
  heading: readonly string[],
  rows: readonly (readonly (string | null)[])[],
): readonly string[] {
  const cells = [heading, ...rows].map((row) => row.map((cell) => printable(cell ?? "-")));
  const widths = heading.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
