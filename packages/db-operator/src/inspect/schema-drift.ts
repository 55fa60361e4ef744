/** How a live schema differs from a committed one; each part told by its first line. */
export type SchemaDrift = {
  readonly missing: readonly string[];
  readonly changed: readonly string[];
  /** On tables of ours, or among our functions. Other objects of the database are not compared. */
  readonly added: readonly string[];
};

/** Compares two descriptions as `describeSchema` makes them; the order of the parts means nothing. */
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

/** By first line; an index and a policy are one line, so a changed one is another one. */
function partsOf(description: string): Map<string, string> {
  const parts = description.trim().split("\n\n");
  return new Map(parts.map((part) => [part.split("\n", 1)[0] ?? "", part]));
}
