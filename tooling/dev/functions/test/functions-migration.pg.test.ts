import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MIGRATIONS_FOLDER, migrate, readJournal } from "@call-ledger/db/migrate";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase, testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { addFunctionsMigration } from "../add-migration.ts";

const FUNCTIONS = fileURLToPath(new URL("../../../../packages/db/sql/functions", import.meta.url));
const BEFORE = readJournal(MIGRATIONS_FOLDER).length;

let folder: string;
let folders: { functions: string; migrations: string };
let scratch: TestDatabase;
let db: TestDatabase;
let owner: postgres.Sql;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "functions-"));
  folders = { functions: join(folder, "functions"), migrations: join(folder, "migrations") };
  cpSync(FUNCTIONS, folders.functions, { recursive: true });
  cpSync(MIGRATIONS_FOLDER, folders.migrations, { recursive: true });
  scratch = await emptyDatabase();
  // This database stands for one in use: fully migrated, with a login.
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
});

afterEach(async () => {
  await owner.end();
  await Promise.all([db.drop(), scratch.drop()]);
  rmSync(folder, { recursive: true });
});

const source = (name: string) => join(folders.functions, `${name}.sql`);
const add = () => addFunctionsMigration(scratch.ownerUrl, folders, "try_it");

test("without a changed function no migration is written", async () => {
  expect(await add()).toEqual({ added: [], changed: [], removed: [], sql: null, tag: null });
  expect(readJournal(folders.migrations)).toHaveLength(BEFORE);
});

test("a changed body, a new function and a removed one are in the database after the migration", async () => {
  const body = readFileSync(source("quarantine_ages"), "utf8");
  writeFileSync(source("quarantine_ages"), body.replace("'waiting',", "'waiting' || '!',"));
  rmSync(source("recording_states"));
  writeFileSync(
    source("answer_worker"),
    `create or replace function call_ledger.answer_worker() returns integer
language plpgsql stable security definer set search_path = ''
as $$ begin return 42; end $$;

grant execute on function call_ledger.answer_worker to call_ledger_worker;
`,
  );
  const written = await add();
  expect(written).toMatchObject({
    added: ["answer_worker"],
    changed: ["quarantine_ages"],
    removed: ["recording_states"],
    tag: expect.stringMatching(/^\d{4}_try_it$/),
  });

  expect((await migrate(db.ownerUrl, { folder: folders.migrations })).applied).toEqual([written.tag]);
  const [ages] = await owner`select call_ledger.quarantine_ages() as ages`;
  expect(ages?.ages).toHaveProperty("waiting!", 0);
  const [gone] = await owner`select to_regproc('call_ledger.recording_states') as oid`;
  expect(gone?.oid).toBeNull();
  const [fresh] = await owner`select proowner::regrole::text as owner,
    array(select grantee::regrole::text from aclexplode(proacl) order by 1) as may
    from pg_proc where proname = 'answer_worker'`;
  expect(fresh).toEqual({
    owner: "call_ledger_definer",
    may: ["call_ledger_definer", "call_ledger_test_app", "call_ledger_worker"],
  });
  const [state] = await owner`select version from call_ledger.schema_state`;
  expect(state?.version).toBe(BEFORE + 1);

  // The files and the migrations are equal again.
  expect(await add()).toMatchObject({ sql: null, tag: null });
});

test("a function with more columns in its result is re-created with its owner and its grants", async () => {
  // Other tests create service_role on this server at any time, and every migration grants it its rights.
  const rights = () => owner`select proowner::regrole::text as owner, array(
    select grantee::regrole::text from aclexplode(proacl)
    where grantee::regrole::text <> 'service_role' order by 1) as may
    from pg_proc where proname = 'update_call_completed_atomically'`;
  const before = await rights();
  const text = readFileSync(source("update_call_completed_atomically"), "utf8");
  writeFileSync(
    source("update_call_completed_atomically"),
    text
      .replace("error_message text)", "error_message text, more integer)")
      .replace("null::text;", "null::text, 1;"),
  );
  const { tag } = await add();
  await migrate(db.ownerUrl, { folder: folders.migrations });
  expect(await rights()).toEqual(before);
  const answer =
    await owner`select pg_get_function_result('update_call_completed_atomically'::regproc) as result`;
  expect(answer[0]?.result).toContain("more integer");
  expect([tag, (await add()).tag]).toEqual([expect.any(String), null]);
});

test("a changed signature is refused, and so is a file that creates something else", async () => {
  const extend = readFileSync(source("extend_housekeeping"), "utf8");
  writeFileSync(source("extend_housekeeping"), extend.replace("job text,", "job text, other text,"));
  await expect(add()).rejects.toThrow(/extend_housekeeping.sql changes a signature/);
  writeFileSync(source("extend_housekeeping"), "select 1;");
  await expect(add()).rejects.toThrow("extend_housekeeping.sql does not create a function of that name.");
  writeFileSync(source("extend_housekeeping"), "create function;");
  await expect(add()).rejects.toThrow(/extend_housekeeping.sql cannot be run: /);
  expect(readJournal(folders.migrations)).toHaveLength(BEFORE);
});
