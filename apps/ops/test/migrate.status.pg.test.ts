import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { knownMigrations } from "@call-ledger/db/compatibility";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addMigration, copyOfMigrations } from "./harness/migrations.ts";
import { callOps, documentOf } from "./harness/run-ops.ts";

const known = knownMigrations();

let db: TestDatabase;
let folder: string;
beforeEach(async () => {
  db = await emptyDatabase();
  folder = copyOfMigrations(known.length - 1);
});
afterEach(async () => {
  await db.drop();
  rmSync(folder, { recursive: true });
});

const ops = (...args: string[]) => callOps(["migrate", ...args], { DATABASE_URL: db.ownerUrl });
const statesOf = (document: { migrations: { state: string }[] }) =>
  document.migrations.map(({ state }) => state);

test("the status shows applied and pending migrations, and changes nothing", async () => {
  const before = documentOf(await ops("--status", "--json"));
  expect(before).toMatchObject({ schema_version: null, pending: known.length, fault: null });

  expect((await ops("--migrations", folder)).code).toBe(0);
  const status = await ops("--status", "--json");
  expect([status.code, documentOf(status)]).toEqual([
    0,
    {
      schema_version: expect.any(Number),
      oldest_code: expect.any(Number),
      migrations: known.map((tag, place) => ({
        tag,
        state: place === known.length - 1 ? "pending" : "applied",
      })),
      pending: 1,
      fault: null,
    },
  ]);
  const human = await ops("--status");
  expect(human.stdout).toMatch(new RegExp(`${known.at(-1)} +pending\n`));
  expect(human.stdout).toContain("1 pending. Next: npm run -s ops -- migrate\n");
});

test("a file that was edited, and a migration that this release does not know, are named with exit code 1", async () => {
  await ops("--migrations", folder);
  writeFileSync(join(folder, `${known[0]}.sql`), "select 1;");
  const edited = await ops("--status", "--json", "--migrations", folder);
  expect(edited.code).toBe(1);
  expect(statesOf(documentOf(edited))[0]).toBe("edited");
  expect(documentOf(edited).fault).toContain(`${known[0]} was edited`);
  expect((await ops("--sql", "--migrations", folder)).code).toBe(1);

  const older = copyOfMigrations(known.length - 2);
  const unknown = await ops("--status", "--json", "--migrations", older);
  rmSync(older, { recursive: true });
  expect([unknown.code, statesOf(documentOf(unknown)).at(-1)]).toEqual([1, "unknown"]);
});

test("a folder without migrations, and two options together, are wrong usage", async () => {
  const [nowhere, both] = [await ops("--migrations", "/"), await ops("--status", "--sql")];
  expect([nowhere.code, both.code]).toEqual([2, 2]);
  expect(nowhere.stderr).toContain("it has no meta/_journal.json");
});

describe("migrate --explain", () => {
  test("every statement of this release passes on an empty database, and is rolled back", async () => {
    const { code, stdout } = await ops("--explain");
    expect([code, stdout]).toEqual([
      0,
      `Every statement of the ${known.length} pending migrations passed and was rolled back. The cause of the failure is gone. Migrate again.\n`,
    ]);
    expect(documentOf(await ops("--status", "--json"))).toMatchObject({ schema_version: null });
    expect((await ops()).code).toBe(0);
    expect((await ops("--explain")).stdout).toBe("Nothing is pending.\n");
  });

  test("the failing statement is named with its line and the error of Postgres, and nothing is applied", async () => {
    addMigration(
      folder,
      "0099_broken",
      "create table fine (id int);\n-- a comment\ncreate table broken (\n  id nonsense\n);",
    );
    const { code, stdout } = await ops("--explain", "--migrations", folder);
    expect([code, stdout.split("\n")]).toEqual([
      1,
      [
        '0099_broken.sql, line 3: type "nonsense" does not exist (42704)',
        "  create table broken (",
        "    id nonsense",
        "  )",
        "No part of it was applied.",
        "",
      ],
    ]);
    expect(documentOf(await ops("--explain", "--json", "--migrations", folder)).failing).toEqual({
      migration: "0099_broken",
      line: 3,
      statement: "create table broken (\n  id nonsense\n)",
      reason: 'type "nonsense" does not exist',
      code: "42704",
    });
    expect(documentOf(await ops("--status", "--json"))).toMatchObject({ schema_version: null });
  });

  test("a faulty history that drizzle-kit ignores is reported, and nothing is tried", async () => {
    await ops("--migrations", folder);
    writeFileSync(join(folder, `${known[0]}.sql`), "select 1;");
    const { code, stderr } = await ops("--explain", "--migrations", folder);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${known[0]} was edited`)]);
  });
});

describe("the script for an SQL editor", () => {
  /** An editor sends its text as one simple query, which is one transaction. */
  const inEditor = async (script: string) => {
    const sql = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
    try {
      await sql.unsafe(script).simple();
    } finally {
      await sql.end();
    }
  };

  test("has the effect of migrate, which then finds nothing to do", async () => {
    await inEditor((await ops("--sql", "--migrations", folder)).stdout);
    const { stdout } = await ops("--sql");
    expect(stdout).toContain(`-- ${known.at(-1)}\n`);
    expect(stdout).not.toContain(`-- ${known[0]}\n`);
    await inEditor(stdout);
    expect(documentOf(await ops("--json"))).toEqual({ applied: [], version: known.at(-1) });
    expect((await ops("--sql")).stdout).toBe("-- Nothing is pending.\n");
  });

  test("is refused by another database", async () => {
    const { stdout } = await ops("--sql");
    await ops("--migrations", folder);
    await expect(inEditor(stdout)).rejects.toThrow(/this script is for a database that has 0 migrations/);
  });

  test("applies nothing if one statement fails", async () => {
    addMigration(folder, "0099_broken", "create table fine (id int); create table broken (id nonsense);");
    const { stdout } = await ops("--sql", "--migrations", folder);
    await expect(inEditor(stdout)).rejects.toThrow(/nonsense/);
    expect(documentOf(await ops("--status", "--json"))).toMatchObject({ schema_version: null });
  });
});
