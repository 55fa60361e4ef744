import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

/** Called by migrations, and by a trigger of Drizzle's journal, which is not in schema.sql. */
const OF_MIGRATIONS = ["revoke_from_strangers", "one_operation"];

const textOf = (file: string) => readFileSync(join(ROOT, file), "utf8");

test("each SQL function has a caller: the product, another function, a trigger, or a caller of the SQL API", () => {
  const functions = globSync("packages/db/sql/functions/*.sql", { cwd: ROOT });
  const others = [
    ...globSync("{packages,apps}/*/src/**/*.ts", { cwd: ROOT, exclude: (name) => /\.test\.ts$/.test(name) }),
    "packages/db/schema.sql",
    "docs/tables.md",
  ].map(textOf);
  const bodies = new Map(functions.map((file) => [file, textOf(file).replaceAll(/--.*$/gm, "")]));
  const unused = functions.filter((file) => {
    const name = basename(file, ".sql");
    const called = new RegExp(`\\b${name}\\b`);
    const inOthers = others.some((text) => called.test(text.replaceAll(/^-- function .*$/gm, "")));
    const isCalled = inOthers || OF_MIGRATIONS.includes(name);
    return !isCalled && ![...bodies].some(([other, body]) => other !== file && called.test(body));
  });
  expect(functions.length).toBeGreaterThan(90);
  expect(unused).toEqual([]);
});
