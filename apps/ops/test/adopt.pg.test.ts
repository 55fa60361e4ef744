import { spawn } from "node:child_process";
import { once } from "node:events";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase } from "@call-ledger/db/testing";
import { countLegacyRows, createLegacyTables, fillLegacyTables } from "@call-ledger/testkit/legacy";
import postgres from "postgres";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { callOps, documentOf, runOps, spawnOps } from "./harness/run-ops.ts";

/** Many calls for a test that interrupts, several batches for tests that count, few for tests of texts. */
const [MANY_CALLS, SEVERAL_CALLS, FEW_CALLS] = [2_000, 1_200, 100];
/** The tests start several programs and book thousands of rows, on a machine with other work. */
const SLOW = { timeout: 180_000 };

let db: TestDatabase;
let root: postgres.Sql;
let env: Record<string, string>;

beforeEach(async () => {
  db = await emptyDatabase();
  root = postgres(db.superuserUrl, { max: 1, onnotice: () => undefined });
  env = { DATABASE_URL: db.ownerUrl };
  const owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
  await createLegacyTables(owner);
  await owner.end();
});
afterEach(async () => {
  await root.end();
  await db.drop();
});

async function fill(calls: number): Promise<void> {
  const owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
  await fillLegacyTables(owner, { calls, seed: 7 });
  await owner.end();
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, one) => total + one, 0);
const counts = (document: Record<string, number>) => {
  const { moved = 0, unattributed = 0, duplicates = 0, rows = 0 } = document;
  return { moved, unattributed, duplicates, rows };
};

/** Returns the number of rows of the old call tables that are neither booked nor listed. */
async function lostRows(): Promise<number> {
  const [row] = await root`
    select count(*)::int as lost from (
      select 'call_tracking' as name, id::text, vapi_call_id from adopted.call_tracking
      union all select 'call_logs', id::text, vapi_call_id from adopted.call_logs
      union all select 'calls', id::text, vapi_call_id from adopted.calls) o
    where not exists (select from calls c where c.provider_call_id = coalesce(o.vapi_call_id, 'adopted:' || o.name || ':' || o.id))
      and not exists (select from adopted.unattributed u where u.table_name = o.name and u.row_id = o.id)`;
  return row?.lost;
}

/** Returns the number of booked calls with a row that names another organization and is not listed. */
async function strayRows(): Promise<number> {
  const [row] = await root`
    select count(*)::int as stray from (
      select 'call_tracking' as name, id::text, org_id, vapi_call_id from adopted.call_tracking
      union all select 'call_logs', id::text, org_id, vapi_call_id from adopted.call_logs
      union all select 'calls', id::text, org_id, vapi_call_id from adopted.calls) o
    join calls c on c.provider_call_id = o.vapi_call_id and c.org_id <> o.org_id
    where not exists (select from adopted.unattributed u where u.table_name = o.name and u.row_id = o.id)`;
  return row?.stray;
}

test("no row is lost: each is moved, listed or a duplicate, as the dry run showed", SLOW, async () => {
  await fill(SEVERAL_CALLS);
  const found = await countLegacyRows(root, "public");
  const foretold = documentOf(await runOps(["adopt", "--dry-run", "--application-stopped", "--json"], env));
  expect(await countLegacyRows(root, "public")).toEqual(found);

  const { code, stdout, stderr } = await runOps(["adopt", "--json"], env);
  expect([code, stderr]).toEqual([0, ""]);
  const adopted = documentOf({ code, stdout, stderr });
  expect(adopted).toEqual({ ...foretold, dry_run: false });
  expect(adopted.moved + adopted.unattributed + adopted.duplicates).toBe(sum(found));
  for (const part of ["moved", "unattributed", "duplicates"]) expect(adopted[part], part).toBeGreaterThan(20);
  const byTable = Object.entries<Record<string, number>>(adopted.tables).map(([name, of]) => [name, sum(of)]);
  expect(Object.fromEntries(byTable)).toEqual(found);
  expect(await countLegacyRows(root, "adopted")).toEqual(found);

  expect([await lostRows(), await strayRows()]).toEqual([0, 0]);
  const [listed] = await root`select count(*)::int as n from adopted.unattributed`;
  expect(listed?.n).toBe(adopted.unattributed);
  const [booked] = await root`select count(*)::int as n from calls`;
  expect(booked?.n).toBe(adopted.calls);

  const again = documentOf(await runOps(["adopt", "--json"], env));
  expect(counts(again)).toEqual({
    moved: 0,
    unattributed: adopted.unattributed,
    duplicates: adopted.moved + adopted.duplicates,
    rows: adopted.rows,
  });
});

test("the next run finishes an adoption that was killed while it booked", SLOW, async () => {
  await fill(MANY_CALLS);
  const foretold = documentOf(await runOps(["adopt", "--dry-run", "--application-stopped", "--json"], env));
  const child = spawn(process.execPath, [inject("programs").ops, "adopt"], { env, stdio: "ignore" });
  const closed = once(child, "close");
  const booked = async () => {
    const [there] = await root`select to_regclass('public.call_routes') is not null as yes`;
    return there?.yes === true ? Number((await root`select count(*) as n from calls`)[0]?.n) : 0;
  };
  await expect.poll(booked, { timeout: 60_000, interval: 5 }).toBeGreaterThan(0);
  child.kill("SIGKILL");
  await closed;
  const half = await booked();
  expect(half).toBeLessThan(foretold.calls);

  const { code, stdout } = await runOps(["adopt"], env);
  expect(code).toBe(0);
  expect(stdout).toMatch(/\d+ calls booked\./);
  expect(await booked()).toBe(foretold.calls);
  expect([await lostRows(), await strayRows()]).toEqual([0, 0]);
});

test("from another database: columns and unread values are printed, and nothing is moved", SLOW, async () => {
  await fill(SEVERAL_CALLS);
  const found = await countLegacyRows(root, "public");
  const fresh = await emptyDatabase();
  const into = { DATABASE_URL: fresh.ownerUrl };
  const foretold = await callOps(["adopt", "--from", db.superuserUrl, "--dry-run"], into);
  expect(foretold.stdout).toContain("Stored unchanged in call_logs.details: call_tracking.call_notes");
  expect(foretold.stdout).toMatch(/recording_upload_queue\.status +\d+\n/);
  expect(foretold.stdout).toMatch(/VALUE THAT ANOTHER ROW OUTVOTED +ROWS[\s\S]+\ncalls\.call_date +\d+\n/);
  expect(foretold.stdout).toMatch(/\nNext: .* adopt --from URL\n/);
  expect(foretold.stdout).not.toContain("stop the old application");
  expect(foretold.stdout).toContain("a real run lists all in the table adopted.unattributed");
  const adopted = await callOps(["adopt", "--from", db.superuserUrl], into);
  expect(adopted.stdout).toContain("The old database is unchanged.");
  await fresh.drop();
  expect(await countLegacyRows(root, "public")).toEqual(found);
});

test("objects that depend on the tables are printed before the tables are moved", SLOW, async () => {
  await fill(FEW_CALLS);
  await root`create view all_calls as select vapi_call_id from call_logs`;
  const foretold = await callOps(["adopt", "--dry-run", "--application-stopped"], env);
  expect(foretold.stdout).toMatch(/view: shows the moved rows.*\n +NAME +ON\n +all_calls +call_logs\n/);
});

test("a missing condition is named, with its exit code", SLOW, async () => {
  await fill(FEW_CALLS);
  const migrated = await callOps(["migrate"], env);
  expect([migrated.code, migrated.stderr]).toEqual([1, expect.stringContaining("run the command adopt")]);
  await root`drop table call_transcripts, call_tracking, call_logs, calls`;
  const empty = await callOps(["adopt", "--json"], env);
  expect([empty.code, documentOf(empty).error]).toEqual([1, expect.stringContaining("Nothing was changed")]);
  expect((await callOps(["adopt"], { DATABASE_URL: "postgres://x:y@127.0.0.1:1/none" })).code).toBe(3);
  expect((await callOps(["adopt", "--force"], env)).code).toBe(2);
  expect((await callOps(["adopt", "--from", "old.example"], env)).code).toBe(2);
});

test("if the schema cannot be migrated, nothing is moved, and the next run adopts", SLOW, async () => {
  await fill(FEW_CALLS);
  await root`create type call_phase as enum ('of another')`;
  const refused = await callOps(["adopt"], env);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/Nothing was changed: .*public\.call_phase \(type\).*Rename/),
  ]);
  await root`drop type call_phase`;
  expect((await callOps(["adopt"], env)).code).toBe(0);
});

test("a dry run that would lock out the application is refused", SLOW, async () => {
  await fill(FEW_CALLS);
  const refused = await callOps(["adopt", "--dry-run"], env);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/call_logs.*BYPASSRLS.*--application-stopped/),
  ]);
});

test("a run that is stopped says what is true of the database", SLOW, async () => {
  await fill(FEW_CALLS);
  const user = postgres(db.superuserUrl, { max: 1 });
  await user.unsafe("begin; lock table call_logs in access share mode");
  const { child, finished } = spawnOps(["adopt"], env);
  const isWaiting = async () =>
    (await root`select from pg_locks where not granted and relation = 'public.call_logs'::regclass`).length;
  await expect.poll(isWaiting, { timeout: 60_000, interval: 20 }).toBe(1);
  child.kill("SIGINT");
  const { code, stderr } = await finished;
  await user.end({ timeout: 0 });
  expect([code, stderr]).toEqual([
    4,
    expect.stringMatching(
      /^Stopped by SIGINT\. The tables are moved and the schema is migrated, both or neither/,
    ),
  ]);
});

test("errors of the old database name its address, and the way on", SLOW, async () => {
  const fresh = await emptyDatabase();
  const into = { DATABASE_URL: fresh.ownerUrl };
  const refused = await callOps(["adopt", "--from", "postgres://x:secret@127.0.0.1:1/old"], into);
  expect([refused.code, refused.stderr]).toEqual([
    3,
    expect.stringMatching(
      /The old database, of --from: The database old at 127\.0\.0\.1:1 .* Nothing was changed\.$/m,
    ),
  ]);
  expect(refused.stderr).not.toContain("secret");
  await fresh.drop();
});
