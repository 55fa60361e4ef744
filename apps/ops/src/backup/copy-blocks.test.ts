import { expect, test } from "vitest";
import { copyBlocks } from "./copy-blocks.ts";

const SCRIPT = [
  "--",
  "-- PostgreSQL database dump",
  "\\restrict k3y",
  "SET transaction_timeout = 0;",
  "SET client_encoding = 'UTF8';",
  "SELECT pg_catalog.set_config('search_path', '', false);",
  "",
  "COPY public.calls (org_id, id) FROM stdin;",
  "1\tÜ",
  "\\\\.\t\\N",
  "\\.",
  "",
  "COPY public.agents (id) FROM stdin;",
  "\\.",
  "\\unrestrict k3y",
  "",
].join("\n");

/** Yields the script in pieces of `bytes` bytes. */
async function* pieces(script: string, bytes: number) {
  const all = Buffer.from(script);
  for (let place = 0; place < all.length; place += bytes) yield all.subarray(place, place + bytes);
}

async function read(script: string, bytes = 7) {
  const found: [string, string, string][] = [];
  for await (const { table, columns, rows } of copyBlocks(pieces(script, bytes))) {
    const lines: Uint8Array[] = [];
    for await (const row of rows) lines.push(row);
    found.push([table, columns, Buffer.concat(lines).toString()]);
  }
  return found;
}

test.each([1, 2, 3, 16, 10_000])(
  "rows are complete if the script comes in pieces of %i bytes",
  async (bytes) => {
    expect(await read(SCRIPT, bytes)).toEqual([
      ["public.calls", "(org_id, id)", "1\tÜ\n\\\\.\t\\N\n"],
      ["public.agents", "(id)", ""],
    ]);
  },
);

test("a table that is not read is skipped", async () => {
  const tables: string[] = [];
  for await (const { table } of copyBlocks(pieces(SCRIPT, 5))) tables.push(table);
  expect(tables).toEqual(["public.calls", "public.agents"]);
});

test("a script that ends within a table is refused", async () => {
  await expect(read(SCRIPT.slice(0, SCRIPT.indexOf("\\\\.")))).rejects.toThrow("in the middle of a table");
});

test.each([
  "SELECT pg_catalog.setval('public.mine_id_seq', 7, true);",
  "DROP TABLE public.calls;",
  "SET role = x; DROP TABLE public.calls;",
  "COPY public.calls (id) FROM program;",
  "COPY calls (id) FROM stdin;",
])("a statement that is not a row of a table is refused: %s", async (line) => {
  await expect(read(`${line}\n${SCRIPT}`)).rejects.toThrow("something besides rows");
});
