import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { knownMigrations } from "@call-ledger/db/compatibility";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase, testDatabase } from "@call-ledger/db/testing";
import { describeWith, testCluster } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bookCalls, ledgerText, register } from "./harness/booked-calls.ts";
import { copyOfMigrations } from "./harness/migrations.ts";
import { callOps, documentOf } from "./harness/run-ops.ts";

const ASSISTANT = "assistant-1";
const OLDER = 3;
const AROUND = { PATH: process.env.PATH ?? "", RECORDING_CHANNELS: "mono,stereo" };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "backups-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describeWith("pg_dump", "a backup of an older schema", () => {
  let db: TestDatabase;
  let owner: postgres.Sql;
  let older: string;
  let appUrl: string;

  beforeEach(async () => {
    db = await emptyDatabase((await testCluster(15)).superuserUrl);
    owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
    older = copyOfMigrations(OLDER);
    expect((await ops("migrate", "--migrations", older)).code).toBe(0);
    appUrl = await olderLogin();
    await register(db.ownerUrl, ASSISTANT);
    await bookCalls(appUrl, ASSISTANT, [1]);
    expect((await ops("backup", "--backups", folder)).code).toBe(0);
  });
  afterEach(async () => {
    await owner.end();
    await db.drop();
    rmSync(older, { recursive: true });
  });

  /** Creates the application's login as that release did. */
  const olderLogin = async () => {
    await owner.unsafe(`
      do $$ begin create role call_ledger_older_app login noinherit password 'test';
      exception when duplicate_object then null; end $$;
      grant call_ledger_writer to call_ledger_older_app;
      grant usage on schema public, call_ledger to call_ledger_older_app;
      grant execute on function public.record_deliveries(jsonb, bytea[]) to call_ledger_older_app;`);
    const url = new URL(db.ownerUrl);
    [url.username, url.password] = ["call_ledger_older_app", "test"];
    return url.href;
  };
  const ops = (...args: string[]) => callOps(args, { DATABASE_URL: db.ownerUrl, ...AROUND });
  const restore = (...args: string[]) =>
    ops("restore", "--backups", folder, "--confirm", new URL(db.ownerUrl).pathname.slice(1), ...args);
  const migrations = async () => documentOf(await ops("migrate", "--status", "--json")).migrations;
  const applied = async () =>
    (await migrations()).filter(({ state }: { state: string }) => state === "applied").length;

  /** Reads calls by the present columns, whatever later migrations add. */
  const callsInThisSchema = async () => {
    const columns = await owner`
      select column_name as name from information_schema.columns
      where table_name = 'calls' and column_name not in ('id', 'created_at', 'updated_at')`;
    const names = columns.map(({ name }) => String(name));
    return async () => [...(await owner`select ${owner(names)} from calls order by provider_call_id`)];
  };

  test("restores its schema with the rights of the application's login, and can be migrated again", async () => {
    const before = await ledgerText(owner);
    const said = await callsInThisSchema();
    await ops("migrate");
    // The older schema knows this ending. A newer ending would wait in quarantine until the migration.
    await bookCalls(appUrl, ASSISTANT, [5]);
    const wanted = await said();

    const { stdout, code } = await restore();
    expect([code, await applied()]).toEqual([0, OLDER]);
    expect(stdout).toContain(`${knownMigrations().length - OLDER} migrations behind this release`);
    expect(wanted).toHaveLength(2);
    expect(await said()).toEqual(wanted);
    await bookCalls(appUrl, ASSISTANT, [7]);
    expect((await ledgerText(owner)).calls?.length).toBe((before.calls?.length ?? 0) + 2);

    expect((await ops("migrate")).code).toBe(0);
    const verified = documentOf(await ops("verify", "--json"));
    expect(verified.checks.filter(({ ok }: { ok: boolean }) => !ok)).toEqual([]);
    await bookCalls(appUrl, ASSISTANT, [4]);
  });

  test("changes nothing if an object of another application depends on our tables", async () => {
    await ops("migrate");
    await owner`create view calls_of_mine as select count(*)::int as calls from calls`;
    const { code, stderr } = await restore();
    expect(code).toBe(1);
    expect(stderr).toMatch(/Nothing was changed: .*view calls_of_mine depends on table calls/);
    expect(await applied()).toBe(knownMigrations().length);
    expect((await owner`select calls from calls_of_mine`)[0]).toEqual({ calls: 1 });
  });

  test("with --rebuild it restores a dropped object of the same schema", async () => {
    await owner`alter table calls drop column cost_usd`;
    const refused = await restore("--without-backup");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/\(42703\).*--rebuild creates it again/),
    ]);
    await restore("--without-backup", "--rebuild");
    await owner`drop index calls_org_created_at_idx`;
    const there = () => owner`select to_regclass('calls_org_created_at_idx') is not null as there`;
    await restore();
    expect((await there())[0]).toEqual({ there: false });
    await restore("--rebuild");
    expect((await there())[0]).toEqual({ there: true });
    expect((await ledgerText(owner)).calls).toHaveLength(1);
  });
});

describe("a client of the right major", () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await testDatabase();
  });
  afterAll(() => db.drop());

  test("a client older than the server is refused, and the package of a newer one is named", async () => {
    const old = join(folder, "pg_dump");
    writeFileSync(old, '#!/bin/sh\necho "pg_dump (PostgreSQL) 14.18 (Debian 14.18-0+deb12u1)"\n');
    chmodSync(old, 0o755);
    const env = { DATABASE_URL: db.ownerUrl, ...AROUND };
    const { code, stderr } = await callOps(["backup", "--backups", folder, "--client", folder], env);
    const sql = postgres(db.ownerUrl, { max: 1 });
    const [{ major } = {}] = await sql`select current_setting('server_version_num')::int / 10000 as major`;
    await sql.end();
    expect(code).toBe(3);
    expect(stderr).toContain(`pg_dump ${major} or newer is needed, there is 14 in ${folder}.`);
    expect(stderr).toContain(`Install the package postgresql-client-${major}`);
    expect(stderr).toContain("PGDG");
    const none = await callOps(["backup", "--backups", folder, "--client", "/nowhere"], env);
    expect([none.code, none.stderr]).toEqual([3, expect.stringContaining("and there is none in /nowhere")]);
  });

  test("before the first migration there is nothing to back up", async () => {
    const empty = await emptyDatabase();
    const { code, stderr } = await callOps(["backup", "--backups", folder], {
      DATABASE_URL: empty.ownerUrl,
      ...AROUND,
    });
    await empty.drop();
    expect([code, stderr]).toEqual([
      1,
      "The database has not been migrated: run the command migrate first.\n",
    ]);
  });
});
