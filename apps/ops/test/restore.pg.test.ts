import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase, testDatabase } from "@call-ledger/db/testing";
import { describeWith, testCluster } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bookCalls, bookUnreadable, ledgerText, register } from "./harness/booked-calls.ts";
import type { Finished } from "./harness/run-ops.ts";
import { callOps, documentOf } from "./harness/run-ops.ts";

const ASSISTANT = "assistant-1";
const AROUND = { PATH: process.env.PATH ?? "", RECORDING_CHANNELS: "mono,stereo" };

describeWith("pg_dump", "backup and restore", (pgDump) => {
  let db: TestDatabase;
  let owner: postgres.Sql;
  let folder: string;

  beforeEach(async () => {
    db = await testDatabase((await testCluster(15)).superuserUrl);
    owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
    folder = mkdtempSync(join(tmpdir(), "backups-"));
    await register(db.ownerUrl, ASSISTANT);
    await bookCalls(db.appUrl, ASSISTANT, [1, 2]);
    await bookCalls(db.appUrl, "nobody's assistant", [3]);
  });
  afterEach(async () => {
    await owner.end();
    await db.drop();
    rmSync(folder, { recursive: true });
  });

  const ops = (command: string, ...args: string[]): Promise<Finished> =>
    callOps([command, ...args, "--backups", folder], { DATABASE_URL: db.ownerUrl, ...AROUND });
  const backup = async () => documentOf(await ops("backup", "--json"));
  const name = () => new URL(db.ownerUrl).pathname.slice(1);
  const restore = (...args: string[]) => ops("restore", "--confirm", name(), ...args);

  test("a backup is readable by its owner only, equal to the database, and passes a rehearsal", async () => {
    const done = await backup();
    const [{ events = 0 } = {}] = await owner`select count(*)::int as events from processed_webhook_events`;
    expect(events).toBeGreaterThan(20);
    expect(done.tables).toMatchObject({ "public.calls": 2, "public.processed_webhook_events": events });
    expect([statSync(done.archive).mode & 0o777, statSync(done.archive).size]).toEqual([
      0o600,
      done.size_bytes,
    ]);
    expect(statSync(done.archive.replace(".dump", ".json")).mode & 0o777).toBe(0o600);

    const scratch = await emptyDatabase((await testCluster(15)).superuserUrl);
    const rehearsal = await ops("restore", "--rehearse", "--into", scratch.ownerUrl, "--json");
    expect([rehearsal.code, rehearsal.stderr]).toEqual([0, ""]);
    expect(documentOf(rehearsal).tables["public.calls"]).toEqual({
      rows: 2,
      checksum: done.checksums["public.calls"],
    });
    const left = postgres(scratch.ownerUrl, { max: 1 });
    expect(await left`select from pg_class where relnamespace = 'public'::regnamespace`).toHaveLength(0);
    await left.end();
    await scratch.drop();
  });

  test("an archive without all rows of the database is deleted", async () => {
    const forgetful = join(folder, "pg_dump");
    writeFileSync(forgetful, `#!/bin/sh\nexec ${pgDump} "$@" --exclude-table=public.calls\n`);
    chmodSync(forgetful, 0o755);
    symlinkSync(pgDump.replace(/pg_dump$/, "pg_restore"), join(folder, "pg_restore"));
    const { code, stderr } = await ops("backup", "--client", folder);
    expect([code, stderr]).toEqual([
      1,
      "The backup differs from the database: public.calls (none of 2 rows). It was deleted.\n",
    ]);
    expect(readdirSync(folder).sort()).toEqual(["pg_dump", "pg_restore"]);
  });

  test("without --into a temporary database is created and dropped, if the login may do that", async () => {
    await backup();
    const refused = await ops("restore", "--rehearse");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      "Nothing was changed: this login may not create databases. Name an empty one for the rehearsal with --into URL.\n",
    ]);
    const cluster = postgres((await testCluster(15)).superuserUrl, { max: 1 });
    await cluster`alter role call_ledger_test_owner createdb`;
    const rehearsal = await ops("restore", "--rehearse");
    await cluster`alter role call_ledger_test_owner nocreatedb`;
    const left = await cluster`select from pg_database where datname like 'call_ledger_rehearsal%'`;
    await cluster.end();
    expect([rehearsal.code, rehearsal.stderr, left.length]).toEqual([0, "", 0]);
    expect(rehearsal.stdout).toContain(
      "can be restored: all counts and checksums are equal to the backup's.",
    );
  });

  test("a restore keeps later deliveries and undoes later changes", async () => {
    await backup();
    const { agents, organizations } = await ledgerText(owner);
    await register(db.ownerUrl, "made too late");
    await bookCalls(db.appUrl, ASSISTANT, [4]);
    await bookCalls(db.appUrl, "nobody's assistant", [5]);
    await bookUnreadable(db.appUrl, "{broken");
    await owner`update recording_upload_queue set status = 'stored', storage_path = 'object-1', updated_at = now()
      where channel = 'mono'`;
    await owner`select call_ledger.summarize_calls(array_agg(org_id), array_agg(id)) from calls`;
    const wanted = await ledgerText(owner);
    expect(wanted.calls).toHaveLength(3);
    await owner`update calls set customer_number = '+12025550199', cost_usd = 0`;
    await owner`delete from call_logs`;
    await owner`create view calls_of_mine as select count(*)::int as calls from calls`;

    const restored = documentOf(await restore("--json"));
    expect(restored.later).toEqual({
      file: expect.stringContaining("-received-since-"),
      tried: expect.any(Number),
      replayed: expect.any(Number),
      put_back: expect.any(Number),
      lost: [],
    });
    expect(await ledgerText(owner)).toEqual({ ...wanted, agents, organizations });
    expect((await owner`select calls from calls_of_mine`)[0]).toEqual({ calls: 3 });
    expect(statSync(restored.later.file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((file) => file.includes("before-restore"))).toHaveLength(2);
  });

  test("an event without stored content is reported as lost", async () => {
    await backup();
    const [org] = await owner`select id from organizations`;
    await owner`select update_call_completed_atomically(${org?.id}, 'by-sql', 12)`;
    const { code, stdout } = await restore();
    expect(code).toBe(0);
    expect(stdout).toMatch(/2 events are not booked again: .*\. Nothing was stored to read them from/);
    expect(await owner`select from calls where provider_call_id = 'by-sql'`).toHaveLength(0);
  });

  test("a stopped replay is half-way, and its own command continues it", async () => {
    await backup();
    await bookCalls(db.appUrl, ASSISTANT, [4]);
    const wanted = await ledgerText(owner);
    await owner.unsafe(`
      create function full_up() returns trigger language plpgsql as $$ begin
        if current_user = 'call_ledger_definer' then raise exception 'full' using errcode = '53100'; end if;
        return new; end $$;
      create trigger full_up before insert on processed_webhook_events for each row execute function full_up();`);
    const stopped = await restore();
    expect(stopped.code).toBe(4);
    const [, file = ""] = /Next: .* restore --replay (\S+)\n/.exec(stopped.stderr) ?? [];
    expect((await ledgerText(owner)).calls).toHaveLength(2);

    await owner`drop trigger full_up on processed_webhook_events`;
    const gone = await ops("restore", "--replay", file, "--json");
    expect([gone.code, documentOf(gone).lost]).toEqual([0, []]);
    expect(await ledgerText(owner)).toEqual(wanted);
  });

  test("the database's name has to be typed", async () => {
    await backup();
    const before = await ledgerText(owner);
    const env = { DATABASE_URL: db.ownerUrl, ...AROUND };
    const nobody = await ops("restore");
    expect([nobody.code, nobody.stderr]).toEqual([
      2,
      expect.stringContaining(`There is no terminal to confirm it: use --confirm ${name()}.`),
    ]);
    const wrong = await callOps(["restore", "--backups", folder], env, "", "production");
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining(`the typed name is not ${name()}.`),
    ]);
    expect(await ledgerText(owner)).toEqual(before);
    expect((await callOps(["restore", "--backups", folder], env, "", name())).code).toBe(0);
  });

  test("a folder is refused with what to name, and either file of a backup names it", async () => {
    const refused = await restore(folder, "--without-backup");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      `${folder} is a folder. Name the .dump file of a backup in it, or use --backups ${folder}.\n`,
    ]);
    const { archive } = await backup();
    expect((await restore(archive.replace(".dump", ".json"), "--without-backup")).code).toBe(0);
  });

  test("a damaged backup restores nothing", async () => {
    const { archive } = await backup();
    await bookCalls(db.appUrl, ASSISTANT, [4]);
    const before = await ledgerText(owner);
    const manifestFile = archive.replace(".dump", ".json");
    const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));
    const withManifest = async (changes: object, expected: string) => {
      writeFileSync(manifestFile, JSON.stringify({ ...manifest, ...changes }));
      const { code, stderr } = await restore(archive, "--without-backup");
      expect([code, stderr]).toEqual([1, expect.stringContaining(expected)]);
      expect(await ledgerText(owner)).toEqual(before);
    };
    const checksums = { ...manifest.checksums, "public.calls": "0" };
    await withManifest({ checksums }, "differ from the backup's: public.calls (2 of 2 rows)");
    await withManifest({ sha256: "0" }, "has another SHA-256 than in its manifest");
    await withManifest({ migrations: [{ hash: "0", created_at: 0 }] }, "Restore it with that release");
    await withManifest({ tables: { ...manifest.tables, "public.mine": 1 } }, "tables that are not ours");
    expect(readdirSync(folder).filter((file) => file.includes("received-since"))).toEqual([]);

    writeFileSync(archive, readFileSync(archive).subarray(0, manifest.size_bytes - 3_000));
    const { sha256 } = JSON.parse(readFileSync(manifestFile, "utf8"));
    expect(sha256).toBe(manifest.sha256);
    await withManifest({}, "has another SHA-256 than in its manifest");
  });

  test("a foreign table that refers to ours is named, and no row is deleted", async () => {
    await backup();
    await owner`create table mine (org_id uuid references organizations (id))`;
    const { code, stderr } = await restore("--without-backup");
    expect(code).toBe(1);
    expect(stderr).toContain('Nothing was changed: a table of yours refers to ours (Table "mine" references');
  });

  test("a rehearsal refuses a database with a ledger", async () => {
    await backup();
    const { code, stderr } = await ops("restore", "--rehearse", "--into", db.ownerUrl);
    expect([code, stderr]).toEqual([1, expect.stringContaining("already has a ledger. Name an empty one")]);
  });

  test("an empty database gets schema and rows", async () => {
    const { archive } = await backup();
    const wanted = await ledgerText(owner);
    const fresh = await emptyDatabase((await testCluster(15)).superuserUrl);
    const env = { DATABASE_URL: fresh.ownerUrl, ...AROUND };
    const into = new URL(fresh.ownerUrl).pathname.slice(1);
    const restoreInto = (...files: string[]) =>
      callOps(["restore", ...files, "--backups", folder, "--confirm", into, "--json"], env);
    const another = await restoreInto();
    expect([another.code, another.stderr]).toEqual([1, expect.stringContaining(`no backup of ${into}`)]);
    const done = await restoreInto(archive);
    expect([done.code, documentOf(done)]).toMatchObject([0, { rebuilt: true, before: null, later: null }]);
    const sql = postgres(fresh.ownerUrl, { max: 1 });
    expect(await ledgerText(sql)).toEqual(wanted);
    await sql.end();
    expect(documentOf(await callOps(["migrate", "--json"], env)).applied).toEqual([]);
    await fresh.drop();
  });
});
