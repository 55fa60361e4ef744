import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { namesTaken, ownNames } from "../src/migrate/index.ts";
import type { TestDatabase } from "../src/testing/index.ts";
import { testDatabase } from "../src/testing/index.ts";

let db: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  db = await testDatabase();
  sql = postgres(db.ownerUrl, { max: 1 });
});
afterAll(async () => {
  await sql.end();
  await db.drop();
});

test("every object that the migrations put into public is known by its name", async () => {
  const found = await sql<{ kind: string; names: string[] }[]>`
    select 'relations' as kind, array_agg(relname::text) as names from pg_class where relnamespace = 'public'::regnamespace
    union all select 'types', array_agg(typname::text) from pg_type
      where typnamespace = 'public'::regnamespace and typcategory <> 'A'
    union all select 'functions', array_agg(distinct proname::text) from pg_proc where pronamespace = 'public'::regnamespace`;
  const own = ownNames();
  // A primary key without a name gets another one if this is taken.
  const chosen = new Set(own.relations.map((table) => `${table}_pkey`));
  for (const { kind, names } of found) {
    const known = own[kind as keyof typeof own];
    expect(
      names.filter((name) => !(known.includes(name) || chosen.has(name))),
      kind,
    ).toEqual([]);
  }
  const taken = await namesTaken(sql, { movesOld: false });
  expect(taken).toContain("public.call_routes_pkey (index of call_routes)");
  expect(taken).toContain("public.call_phase (type)");
});
