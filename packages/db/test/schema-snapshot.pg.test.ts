import { readdirSync, readFileSync } from "node:fs";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { knownMigrations } from "../src/migrate/compatibility.ts";
import { describeSchema } from "../src/migrate/describe-schema.ts";
import type { TestDatabase } from "../src/testing/index.ts";
import { testDatabase } from "../src/testing/index.ts";

let db: TestDatabase;
let owner: postgres.Sql;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
});

afterAll(async () => {
  await owner.end();
  await db.drop();
});

test("the migrations give the schema that is committed as schema.sql", async () => {
  await expect(await describeSchema(owner)).toMatchFileSnapshot("../schema.sql");
});

test("every deployed function equals its file in sql/functions", async () => {
  const folder = new URL("../sql/functions/", import.meta.url);
  const before = await describeSchema(owner);
  await owner
    .begin(async (tx) => {
      await tx.unsafe("grant create on schema public to call_ledger_definer");
      await tx.unsafe("grant create on schema call_ledger to call_ledger_definer");
      for (const file of readdirSync(folder)) await tx.unsafe(readFileSync(new URL(file, folder), "utf8"));
      expect(await describeSchema(tx)).toBe(before);
      throw new Error("done");
    })
    .catch((error: unknown) => {
      if (!(error instanceof Error && error.message === "done")) throw error;
    });
  const [deployed] = await owner`select count(*)::int as n from pg_proc
    where pronamespace in ('public'::regnamespace, 'call_ledger'::regnamespace)`;
  expect(readdirSync(folder)).toHaveLength(deployed?.n);
});

test("the schema has the number of its last migration", async () => {
  const [state] = await owner`select version, oldest_code from call_ledger.schema_state`;
  expect(state).toMatchObject({ version: knownMigrations().length });
});
