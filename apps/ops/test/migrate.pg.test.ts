import { knownMigrations } from "@call-ledger/db/compatibility";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { documentOf, runOps } from "./harness/run-ops.ts";

let db: TestDatabase;
beforeEach(async () => {
  db = await emptyDatabase();
});
afterEach(() => db.drop());

test("of six migrators at the same time on an empty database, one migrates, and the others name it", async () => {
  const env = { DATABASE_URL: db.ownerUrl };
  const runs = await Promise.all(Array.from({ length: 6 }, () => runOps(["migrate", "--json"], env)));
  const known = knownMigrations();
  const done = runs.filter(({ code }) => code === 0).map(documentOf);
  expect(done.map(({ version }) => version)).toEqual(done.map(() => known.at(-1)));
  expect(done.map(({ applied }) => applied).filter(({ length }) => length > 0)).toEqual([known]);
  const refused = runs.filter(({ code }) => code !== 0);
  expect(refused.length).toBeGreaterThan(0);
  for (const { code, stderr } of refused) {
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/^call-ledger migrate on .* \(\d+\) works on this/),
    ]);
    expect(stderr).toContain("Nothing was changed. Wait until it has ended");
  }

  const again = await runOps(["migrate"], env);
  expect(again).toEqual({
    code: 0,
    stdout: `Nothing to do: the database is at ${known.at(-1)}.\n`,
    stderr: "",
  });
});

test("a database of another application is not changed, and the error says why", async () => {
  const sql = postgres(db.ownerUrl, { max: 1 });
  await sql`create table calls (id integer)`;
  await sql.end();
  const { code, stdout, stderr } = await runOps(["migrate"], { DATABASE_URL: db.ownerUrl });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain("public.calls that call-ledger did not create");
});

test("before the first migration the other commands say that it is missing", async () => {
  const { code, stderr } = await runOps(["org", "list"], { DATABASE_URL: db.ownerUrl });
  expect([code, stderr]).toEqual([1, "The database has not been migrated: run the command migrate first.\n"]);
});

test("a missing login or database is reported as unreachable", async () => {
  const url = new URL(db.ownerUrl);
  url.username = "no_such_role";
  url.password = "a-password";
  const refused = await runOps(["org", "list"], { DATABASE_URL: url.href });
  expect([refused.code, refused.stdout]).toEqual([3, ""]);
  expect(refused.stderr).not.toContain("a-password");
  const elsewhere = new URL(db.ownerUrl);
  elsewhere.pathname = "/no_such_database";
  expect((await runOps(["org", "list"], { DATABASE_URL: elsewhere.href })).code).toBe(3);
});
