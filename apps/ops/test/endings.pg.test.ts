import type { ChildProcess } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import { describeWith, testCluster } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { bookCalls, ledgerText, register } from "./harness/booked-calls.ts";
import { addMigration, copyOfMigrations } from "./harness/migrations.ts";
import { callOps, documentOf, runOps, spawnOps } from "./harness/run-ops.ts";

vi.setConfig({ testTimeout: 180_000 });

const ASSISTANT = "assistant-1";

describeWith("pg_dump", "the end of an interrupted command", (pgDump) => {
  let db: TestDatabase;
  let owner: postgres.Sql;
  let proxy: TcpProxy;
  let folder: string;
  let tools: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    db = await testDatabase((await testCluster(15)).superuserUrl);
    proxy = await tcpProxy(db.ownerUrl);
    owner = postgres(db.superuserUrl, { max: 1, onnotice: () => undefined });
    [folder, tools] = [mkdtempSync(join(tmpdir(), "backups-")), mkdtempSync(join(tmpdir(), "tools-"))];
    env = { DATABASE_URL: proxy.url, PATH: process.env.PATH ?? "", RECORDING_CHANNELS: "mono" };
    await register(db.ownerUrl, ASSISTANT);
    await bookCalls(db.appUrl, ASSISTANT, [1, 2]);
    for (const program of ["pg_dump", "pg_restore"]) symlinkSync(realOf(program), join(tools, program));
  });
  afterEach(async () => {
    await proxy.stop();
    await owner.end();
    await db.drop();
    for (const one of [folder, tools]) rmSync(one, { recursive: true });
  });

  const realOf = (program: string) => pgDump.replace(/pg_dump$/, program);
  const name = () => new URL(db.ownerUrl).pathname.slice(1);
  const files = () => readdirSync(folder);
  const there = (part: string) =>
    vi.waitFor(() => expect(files().join()).toContain(part), { timeout: 90_000 });
  const backup = async () =>
    documentOf(
      await callOps(["backup", "--backups", folder, "--json"], { ...env, DATABASE_URL: db.ownerUrl }),
    );

  /** Makes a client program take `seconds` longer. */
  const slow = (program: string, seconds: number): void => {
    rmSync(join(tools, program));
    const waits = `: > "${join(tools, `${program} runs`)}"; sleep ${seconds}`;
    const script = `#!/bin/sh\n[ "$1" = --version ] || { ${waits}; }\nexec ${realOf(program)} "$@"\n`;
    writeFileSync(join(tools, program), script);
    chmodSync(join(tools, program), 0o755);
  };
  /** Makes the commit of a restore take `seconds`. */
  const slowCommit = (seconds: number) =>
    owner.unsafe(`create table call_ledger.slow (id integer);
      create function wait() returns trigger language plpgsql as $$ begin
        perform pg_sleep(case current_user when 'call_ledger_test_owner' then ${seconds} else 0 end); return null; end $$;
      create constraint trigger wait after insert on call_ledger.slow deferrable initially deferred
        for each row execute function wait();
      alter table call_ledger.slow owner to call_ledger_test_owner;
      grant select on call_ledger.slow to call_ledger_operator;
      insert into call_ledger.slow values (1)`);
  const committing = () =>
    vi.waitFor(
      async () =>
        expect(
          await owner`select from pg_stat_activity where datname = ${name()} and query = 'commit'
          and state = 'active'`,
        ).toHaveLength(1),
      { timeout: 90_000 },
    );
  const restore = (archive: string, ...more: string[]) => {
    const args = ["restore", archive, "--confirm", name(), "--backups", folder, "--client", tools];
    return spawnOps([...args, "--without-backup", ...more], env);
  };
  const noChildOf = ({ pid }: ChildProcess) => {
    const parents = readdirSync("/proc").flatMap((one) => {
      if (!/^\d+$/.test(one)) return [];
      try {
        return [readFileSync(`/proc/${one}/cmdline`, "utf8")];
      } catch {
        return [];
      }
    });
    expect(
      parents.filter((line) => line.includes(tools)),
      String(pid),
    ).toEqual([]);
  };

  test("a restore whose database goes away while it loads changes nothing and exits with 3", async () => {
    const { archive } = await backup();
    const wanted = await ledgerText(owner);
    slow("pg_restore", 3);
    const { finished, child } = restore(archive);
    await there("received-since");
    await proxy.set("refuse");
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(
        /^The database \S+ at \S+ closed the connection \(connection_lost, \w+\)\. .* Nothing was changed\. Next: restore again\.\n$/,
      ),
    ]);
    expect([files().length, await ledgerText(owner)]).toEqual([2, wanted]);
    noChildOf(child);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s in a restore before its commit", async (signal) => {
    const { archive } = await backup();
    const wanted = await ledgerText(owner);
    slow("pg_restore", 5);
    const { child, finished } = restore(archive);
    await there("received-since");
    child.kill(signal);
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([4, `Stopped by ${signal}. Nothing was changed. Next: restore again.\n`]);
    expect([files().length, await ledgerText(owner)]).toEqual([2, wanted]);
    noChildOf(child);
  });

  test("if the connection is lost at the commit, the database is asked, and deliveries are booked again", async () => {
    await slowCommit(3);
    const { archive } = await backup();
    await bookCalls(db.appUrl, ASSISTANT, [3]);
    const wanted = await ledgerText(owner);
    const { finished } = restore(archive);
    await committing();
    proxy.cut();
    const { code, stdout, stderr } = await finished;
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("asking the database what became of it");
    expect(await ledgerText(owner)).toEqual(wanted);
  });

  test("a commit that the database refused is not reported as done", async () => {
    await slowCommit(60);
    const { archive } = await backup();
    await bookCalls(db.appUrl, ASSISTANT, [3]);
    const wanted = await ledgerText(owner);
    const { finished } = restore(archive);
    await committing();
    await owner`select pg_terminate_backend(pid) from pg_stat_activity where datname = ${name()} and query = 'commit'`;
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([3, expect.stringContaining("Nothing was changed. Next: restore again.")]);
    expect(await ledgerText(owner)).toEqual(wanted);
  });

  test("after Ctrl-C at the commit, deliveries are kept, and the printed command works in both cases", async () => {
    await slowCommit(3);
    const { archive } = await backup();
    await bookCalls(db.appUrl, ASSISTANT, [3]);
    const wanted = await ledgerText(owner);
    const { child, finished } = restore(archive);
    await committing();
    child.kill("SIGINT");
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([
      4,
      expect.stringMatching(/^Stopped by SIGINT\. It is not known whether the restore was committed/),
    ]);
    const [, file = ""] = /restore --replay (\S+) /.exec(stderr) ?? [];
    await vi.waitFor(
      async () => {
        const again = await callOps(["restore", "--replay", file], { ...env, DATABASE_URL: db.ownerUrl });
        expect(again.code).toBe(0);
      },
      { timeout: 90_000 },
    );
    expect(await ledgerText(owner)).toEqual(wanted);
  });

  test("after Ctrl-C in a rehearsal, the database that is left is named", async () => {
    const { archive } = await backup();
    slow("pg_restore", 5);
    const args = ["restore", archive, "--rehearse", "--backups", folder, "--client", tools];
    const { child, finished } = spawnOps(args, { ...env, DATABASE_URL: db.superuserUrl });
    await vi.waitFor(() => expect(readdirSync(tools)).toContain("pg_restore runs"), { timeout: 90_000 });
    child.kill("SIGINT");
    const { code, stderr } = await finished;
    const [, scratch = ""] = /the database (call_ledger_rehearsal_\w+) is left/.exec(stderr) ?? [];
    expect([code, stderr]).toEqual([
      4,
      `Stopped by SIGINT. The ledger was not changed. If the database ${scratch} is left, drop it.\n`,
    ]);
    expect(await owner`select from pg_database where datname = ${scratch}`).toHaveLength(1);
    await owner.unsafe(`drop database ${scratch} with (force)`);
  });

  test("after Ctrl-C in a backup no file is left", async () => {
    slow("pg_dump", 5);
    const { child, finished } = spawnOps(["backup", "--backups", folder, "--client", tools], env);
    await there("unfinished");
    child.kill("SIGINT");
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([
      4,
      "Stopped by SIGINT. This run made no backup, and nothing was changed.\n",
    ]);
    expect(files()).toEqual([]);
    noChildOf(child);
  });

  test("a closed output ends a backup, with exit code 4", async () => {
    slow("pg_dump", 2);
    const { child, finished } = spawnOps(["backup", "--backups", folder, "--client", tools], env);
    await there("unfinished");
    child.stdout?.destroy();
    const { code, stderr } = await finished;
    expect([code, stderr]).toEqual([
      4,
      "Stopped by a closed output. This run made no backup, and nothing was changed.\n",
    ]);
    expect(files()).toEqual([]);
  });

  test("Ctrl-C ends a migration that waits", async () => {
    const folder = copyOfMigrations();
    addMigration(folder, "0099_waits", "lock table agents in access exclusive mode;");
    const other = postgres(db.superuserUrl, { max: 1 });
    await other.unsafe("begin; lock table agents in access share mode");
    const { child, finished } = spawnOps(["migrate", "--migrations", folder], env);
    await vi.waitFor(
      async () =>
        expect(
          await owner`select from pg_locks where not granted and relation = 'agents'::regclass`,
        ).toHaveLength(1),
      { timeout: 90_000 },
    );
    child.kill("SIGINT");
    const { code, stderr } = await finished;
    await other.end({ timeout: 0 });
    rmSync(folder, { recursive: true });
    expect(code).toBe(4);
    expect(stderr).toContain(
      "Stopped by SIGINT. All of it is applied, or nothing. Next: npm run -s ops -- migrate --status",
    );
  });

  test("a server that accepts connections and closes them ends every command", async () => {
    const closer = createServer(
      (socket) =>
        void socket
          .on("error", () => undefined)
          .resume()
          .end(),
    );
    await new Promise<void>((resolve) => closer.listen(0, "127.0.0.1", resolve));
    const address = closer.address();
    const url = `postgres://u:p@127.0.0.1:${typeof address === "object" ? address?.port : 0}/d`;
    for (const args of [["migrate", "--status"], ["migrate"], ["backup"], ["agent", "list"], ["verify"]]) {
      const { code, stdout, stderr } = await runOps(args, { ...env, DATABASE_URL: url });
      expect([code, stdout + stderr], args.join(" ")).toEqual([
        3,
        expect.stringContaining("closed the connection"),
      ]);
    }
    await new Promise((resolve) => closer.close(resolve));
  });

  test("a folder that is not writable is named, without a stack", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const { code, stderr } = await callOps(["backup", "--backups", join(file, "below")], env);
    expect([code, stderr]).toEqual([
      3,
      `${join(file, "below")} is below a file that is no folder (ENOTDIR). This run made no backup, and nothing was changed.\n`,
    ]);
  });
});
