/** The differences of a live schema to a committed one. Each part is named by its first line. */
export type SchemaDrift = {
  readonly missing: readonly string[];
  readonly changed: readonly string[];
  /** Parts of our tables, or our functions. Other objects of the database are not compared. */
  readonly added: readonly string[];
};

/** Compares two descriptions of `describeSchema`. The order of the parts does not matter. */
export function schemaDrift(committed: string, live: string): SchemaDrift {
  const wanted = partsOf(committed);
  const there = partsOf(live);
  const tables = [...wanted.keys()].flatMap((head) => /^create table ([\w.]+) \($/.exec(head)?.[1] ?? []);
  const ours = (head: string) =>
    head.includes("call_ledger") ||
    tables.some((table) => new RegExp(` on (public\\.)?${table} `, "i").test(head));
  return {
    missing: [...wanted.keys()].filter((head) => !there.has(head)),
    changed: [...wanted].flatMap(([head, part]) =>
      there.has(head) && there.get(head) !== part ? [head] : [],
    ),
    added: [...there.keys()].filter((head) => !wanted.has(head) && ours(head)),
  };
}

/** The parts by their first line. An index or a policy is one line, so a changed one counts as another part. */
function partsOf(description: string): Map<string, string> {
  const parts = description.trim().split("\n\n");
  return new Map(parts.map((part) => [part.split("\n", 1)[0] ?? "", part]));
}
