import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import { describeWith, testCluster } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bookCalls, ledgerText, register } from "./harness/booked-calls.ts";
import { callOps, documentOf, spawnOps } from "./harness/run-ops.ts";

vi.setConfig({ testTimeout: 180_000 });

const ASSISTANT = "assistant-1";

describeWith("pg_dump", "one operation at a time", (pgDump) => {
  let db: TestDatabase;
  let owner: postgres.Sql;
  let folder: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    db = await testDatabase((await testCluster(15)).superuserUrl);
    owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
    folder = mkdtempSync(join(tmpdir(), "backups-"));
    env = { DATABASE_URL: db.ownerUrl, PATH: process.env.PATH ?? "", RECORDING_CHANNELS: "mono" };
    await register(db.ownerUrl, ASSISTANT);
    await bookCalls(db.appUrl, ASSISTANT, [1, 2]);
  });
  afterEach(async () => {
    await owner.end();
    await db.drop();
    rmSync(folder, { recursive: true });
  });

  const name = () => new URL(db.ownerUrl).pathname.slice(1);
  const ops = (...args: string[]) => callOps([...args, "--backups", folder], env);
  const files = () => readdirSync(folder).filter((file) => /^[^p]/.test(file));
  const backup = async () => documentOf(await ops("backup", "--json"));

  /** Makes a folder of client programs whose pg_restore takes `seconds` longer. */
  const slowClient = (seconds: number): string => {
    const slow = join(folder, "pg_restore");
    const real = pgDump.replace(/pg_dump$/, "pg_restore");
    writeFileSync(slow, `#!/bin/sh\n[ "$1" = --version ] || sleep ${seconds}\nexec ${real} "$@"\n`);
    chmodSync(slow, 0o755);
    symlinkSync(pgDump, join(folder, "pg_dump"));
    return folder;
  };

  test("while a restore loads, every other operation names it and leaves no file and no row", async () => {
    const { archive } = await backup();
    await bookCalls(db.appUrl, ASSISTANT, [3]);
    const wanted = await ledgerText(owner);
    const args = ["restore", archive, "--confirm", name(), "--backups", folder, "--client", slowClient(3)];
    const { child, finished } = spawnOps([...args, "--without-backup"], env);
    await vi.waitFor(() => expect(files().join()).toContain("received-since"), { timeout: 90_000 });
    const before = files();

    for (const others of [
      ["backup"],
      ["restore", archive, "--confirm", name()],
      ["restore", "--replay", join(folder, before.find((file) => file.endsWith(".jsonl")) ?? "")],
      ["rollback", "full", "--confirm", name()],
    ]) {
      const { code, stderr } = await ops(...others);
      expect([code, stderr], others.join(" ")).toEqual([
        4,
        expect.stringContaining("call-ledger restore on "),
      ]);
      expect(stderr).toMatch(new RegExp(`\\(${child.pid}\\) works on this database, since \\d{4}-.* UTC`));
      expect(stderr).toContain("Nothing was changed");
    }
    for (const others of [["migrate"], ["adopt"]]) {
      const { code, stderr } = await callOps(others, env);
      expect([code, stderr], others.join(" ")).toEqual([
        4,
        expect.stringContaining("works on this database"),
      ]);
    }
    expect(files()).toEqual(before);
    expect((await finished).code).toBe(0);
    expect(await ledgerText(owner)).toEqual(wanted);
    expect((await callOps(["migrate"], env)).code).toBe(0);
  });

  test("a backup waits for a table that is being emptied, and contains its rows", async () => {
    const other = postgres(db.superuserUrl, { max: 1, onnotice: () => undefined });
    await other.unsafe(`begin; create temporary table kept as select * from call_logs; truncate call_logs;
      insert into call_logs select * from kept`);
    const taken = ops("backup", "--json");
    const waiting = async () =>
      (await other`select from pg_locks where not granted and relation = 'call_logs'::regclass`).length;
    await expect.poll(waiting, { timeout: 60_000 }).toBeGreaterThan(0);
    await other.unsafe("commit");
    await other.end();
    expect(documentOf(await taken).tables).toMatchObject({ "public.call_logs": 2 });
  });

  test("a backup without the present organizations is refused", async () => {
    await owner`drop policy operator_keeps on organizations`;
    const { code, stderr } = await ops("backup");
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("No backup was made: the operator sees no organization"),
    ]);
    expect(files()).toEqual([]);
  });

  test("a backup of another database is never the newest, and is restored only by its name", async () => {
    const { archive } = await backup();
    const manifestFile = archive.replace(".dump", ".json");
    const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));
    expect(manifest.database_id).toMatch(/^\d+\/\d+$/);
    const before = await ledgerText(owner);
    for (const [changes, other] of [
      [{ database_id: "1/2" }, name()],
      [{ database: "staging" }, "staging"],
    ] as const) {
      writeFileSync(manifestFile, JSON.stringify({ ...manifest, ...changes }));
      const none = await ops("restore", "--confirm", name());
      expect([none.code, none.stderr]).toEqual([1, expect.stringContaining(`no backup of ${name()}`)]);
      const asked = await ops("restore", archive, "--confirm", name());
      expect(asked.code).toBe(2);
      expect(asked.stderr).toContain("not of the database that it would replace.");
      expect(asked.stderr).toContain(`use --from ${other}.`);
      const given = await ops("restore", archive, "--confirm", name(), "--from", other);
      expect([given.code, await ledgerText(owner)]).toEqual([0, before]);
    }
  });
});
