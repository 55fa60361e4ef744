import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { knownMigrations } from "@call-ledger/db/compatibility";
import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import { ledgerPresence } from "@call-ledger/db-operator/backup";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { COMMANDS } from "../src/start/registry.ts";
import { bookCalls, register } from "./harness/booked-calls.ts";
import { callOps, documentOf } from "./harness/run-ops.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let folder: string;
beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
  folder = mkdtempSync(join(tmpdir(), "backups-"));
});
afterAll(async () => {
  await owner.end();
  await db.drop();
  rmSync(folder, { recursive: true });
});

const KNOWN = String(knownMigrations().length);
const rollback = (...args: string[]) => callOps(["rollback", ...args], { DATABASE_URL: db.ownerUrl });
const applying = async (...args: string[]) =>
  documentOf(await rollback(...args, "--backups", folder, "--json"))
    .scenarios.filter(({ applies }: { applies: boolean }) => applies)
    .map(({ command }: { command: string }) => command);

test("the code alone can go back as far as the schema's marker allows", async () => {
  expect(await applying()).toEqual([]);
  expect(await applying("--to", KNOWN)).toEqual(["rollback code"]);
  const code = await rollback("code", "--to", KNOWN, "--backups", folder);
  expect([code.code, code.stdout]).toEqual([0, expect.stringContaining("The database needs no change")]);
  expect((await rollback("code", "--backups", folder)).code).toBe(2);

  const unlikely = await rollback("--to", "99999", "--backups", folder);
  expect([unlikely.code, unlikely.stderr]).toEqual([
    2,
    expect.stringContaining(`--to can be at most ${KNOWN}: `),
  ]);

  await owner`update call_ledger.schema_state set oldest_code = version`;
  expect(await applying("--to", "1")).toEqual(["rollback full"]);
  const refused = await rollback("code", "--to", "1", "--backups", folder);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(
      /The code alone cannot go back: the schema needs a release that knows \d+ migrations/,
    ),
  ]);
  await owner`update call_ledger.schema_state set oldest_code = 1`;
});

test("dropping one of the four org_id checks changes nothing, is noted, and is shown as drift", async () => {
  const name = "call_logs_org_id_not_null";
  const nobody = await rollback("constraint", name);
  expect([nobody.code, nobody.stderr]).toEqual([
    2,
    `call_logs: Dropping it changes nothing: the column refuses NULL by itself, as a part of the primary key. ` +
      `There is no terminal to confirm it: use --confirm ${name}.\n`,
  ]);
  await owner`comment on table call_logs is 'mine'`;
  const done = documentOf(await rollback("constraint", name, "--confirm", name, "--json"));
  const [{ comment } = {}] = await owner`select obj_description('call_logs'::regclass) as comment`;
  expect(comment).toMatch(
    /^mine\ncall_logs_org_id_not_null was dropped on \d{4}-.* by call_ledger_test_owner\. To put/,
  );
  expect(comment).toContain(done.put_back);
  await expect(owner`insert into call_logs (id) values (gen_random_uuid())`).rejects.toThrow(/null value/);

  const drift = async () =>
    documentOf(await callOps(["verify", "--json"], { DATABASE_URL: db.ownerUrl })).checks.find(
      ({ id }: { id: string }) => id === "schema_as_committed",
    );
  expect(await drift()).toMatchObject({ ok: false, found: expect.stringContaining("call_logs") });
  await owner.unsafe(done.put_back);
  expect(await drift()).toMatchObject({ ok: true });
});

test("a constraint that refuses deliveries is found, dropped, and they are booked", async () => {
  await register(db.ownerUrl, "assistant-1");
  await owner`alter table calls add constraint calls_short check (duration_seconds < 1) not valid`;
  await bookCalls(db.appUrl, "assistant-1", [1]);
  expect(await applying("--to", KNOWN)).toEqual(["rollback constraint calls_short"]);
  const done = await rollback("constraint", "calls_short", "--confirm", "calls_short");
  expect(done.stdout).toContain(
    "Rows that break it are accepted from then on: CHECK ((duration_seconds < 1))",
  );
  expect((await callOps(["quarantine", "replay", "--all"], { DATABASE_URL: db.ownerUrl })).code).toBe(0);
  expect((await owner`select duration_seconds > 0 as whole from calls`)[0]).toEqual({ whole: true });
  expect(await applying("--to", KNOWN)).toEqual(["rollback code"]);
});

test("tables that somebody holds are named as in use by every command, and what to look at", async () => {
  const name = "calls_org_id_not_null";
  const [{ tables } = {}] = await owner`
    select string_agg(t::text, ', ') as tables from call_ledger.own_tables() t`;
  const other = postgres(db.superuserUrl, { max: 1 });
  await other.unsafe(`begin; lock table ${tables}, drizzle.__drizzle_migrations`);
  const lists = COMMANDS.map((command) => command.name.split(" ")).filter(([, verb = ""]) =>
    ["list", "channels", "attention", "completeness"].includes(verb),
  );
  expect(lists.length).toBeGreaterThan(10);
  const others = [["migrate", "--status"], ["verify"], ["rollback", "constraint", name, "--confirm", name]];
  const ended = await Promise.all(
    [...lists, ...others].map(async (args) => {
      const { code, stdout, stderr } = await callOps(args, { DATABASE_URL: db.ownerUrl });
      return { args, code, said: stdout + stderr };
    }),
  );
  await other.end({ timeout: 0 });
  for (const { args, code, said } of ended) {
    expect([code, said], args.join(" ")).toEqual([3, expect.stringContaining("(table_in_use, 55P03). ")]);
  }
});

test("two transactions that cannot be ordered are said to be contended, and nothing is changed", async () => {
  const name = "agents_org_id_fkey";
  const other = postgres(db.superuserUrl, { max: 1 });
  // The deadlock is found by whom it is to hit.
  await other.unsafe("begin; set local deadlock_timeout = '10min'; lock table organizations in share mode");
  const dropping = rollback("constraint", name, "--confirm", name);
  await vi.waitFor(
    async () =>
      expect(
        await owner`select from pg_locks where not granted and relation = 'organizations'::regclass`,
      ).toHaveLength(1),
    { timeout: 30_000 },
  );
  const ordered = other.unsafe("lock table agents in share mode").catch(() => undefined);
  const { code, stderr } = await dropping;
  await ordered;
  await other.end({ timeout: 0 });
  expect([code, stderr]).toEqual([
    3,
    expect.stringContaining("could not order two transactions (contended, 40P01). Try again."),
  ]);
});

test("a unique constraint and a foreign constraint are not dropped", async () => {
  const name = "idx_processed_events_org_event";
  const unique = await rollback("constraint", name, "--confirm", name);
  expect([unique.code, unique.stderr]).toEqual([
    1,
    expect.stringContaining("unique, so it cannot be dropped"),
  ]);
  await owner`create table mine (id int constraint mine_positive check (id > 0))`;
  const foreign = await rollback("constraint", "mine_positive", "--confirm", "mine_positive");
  expect([foreign.code, foreign.stderr]).toEqual([
    1,
    expect.stringContaining("Our tables have no constraint"),
  ]);
});

test("without a backup the full rollback is refused", async () => {
  const { code, stderr } = await rollback("full", "--backups", folder);
  expect([code, stderr]).toEqual([1, expect.stringContaining(`in ${folder}. Name its file`)]);
});

test("a rollback takes no backup of the release that runs, and no commit that nothing knows", async () => {
  const { database } = await ledgerPresence(db.ownerUrl);
  const write = (name: string, changed: object) => {
    const manifest = {
      ...{ database, server_version: "18.4", client_major: 18, purpose: "backup", sha256: "", size_bytes: 1 },
      ...{ created_at: "2026-03-12T15:05:00.000Z", tables: {}, checksums: {}, schema_version: Number(KNOWN) },
      migrations: knownMigrations().map(() => ({ hash: "", created_at: 1 })),
      ...changed,
    };
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(manifest));
  };
  const full = async () => {
    const { code, stderr } = await rollback("full", "--backups", folder);
    return { code, stderr };
  };
  const release = "b".repeat(40);
  write("again", { release, before_release: release });
  expect(await full()).toEqual({
    code: 1,
    stderr: `No backup in ${folder} is from before this release: the newest, again, is of the release that runs. Nothing was changed. Name the file to restore.\n`,
  });
  const first = { release: "a".repeat(40), before_release: release };
  write("first", { ...first, created_at: "2026-03-11T10:00:00.000Z" });
  expect(await full()).toEqual({ code: 2, stderr: expect.stringContaining("of 2026-03-11T10:00:00.000Z") });

  const code = (commit: string) => rollback("code", "--commit", commit, "--backups", folder);
  expect((await code("a".repeat(12))).code).toBe(0);
  const unknown = await code("deadbeef");
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    expect.stringMatching(/^No backup and no history here has the commit deadbeef\. Name another with /),
  ]);
});
