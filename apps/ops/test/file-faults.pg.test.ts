import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import { describeWith, describeWithDisk, diskMounter, testCluster } from "@call-ledger/testkit/vitest";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { callOps, spawnOps } from "./harness/run-ops.ts";

const mountDisk = diskMounter();
const NOTHING = "This run made no backup, and nothing was changed.";

describeWith("pg_dump", "a backup that pg_dump does not finish", (pgDump) => {
  let db: TestDatabase;
  let [folder, tools] = ["", ""];

  beforeAll(async () => {
    db = await testDatabase((await testCluster(15)).superuserUrl);
    [folder, tools] = [mkdtempSync(join(tmpdir(), "backups-")), mkdtempSync(join(tmpdir(), "tools-"))];
    symlinkSync(pgDump.replace(/pg_dump$/, "pg_restore"), join(tools, "pg_restore"));
  });
  afterAll(async () => {
    await db.drop();
    for (const one of [folder, tools]) rmSync(one, { recursive: true });
  });

  const cut = `for last; do case $last in --file=*) truncate -s -2000 "\${last#--file=}";; esac; done`;
  const refusal = 'pg_dump: error: connection to server at "a.test" failed: FATAL:  too many connections';

  test.each([
    [
      "in part, as on a full disk: it is said to be the new one",
      `${pgDump} "$@" || exit 1; ${cut}`,
      /^The new backup cannot be read back, and was deleted\. /,
    ],
    [
      "because the disk is full from the beginning",
      "echo 'pg_dump: error: could not write to output file: No space left on device' >&2; exit 1",
      /No space left on device\. /,
    ],
    [
      "because the database has no connection left",
      `echo '${refusal}' >&2; exit 1`,
      /FATAL: {2}too many connections\. /,
    ],
  ])("%s", async (_why, script, says) => {
    const version = `[ "$1" = --version ] && exec ${pgDump} "$@"`;
    writeFileSync(join(tools, "pg_dump"), `#!/bin/sh\n${version}\n${script}\n`);
    chmodSync(join(tools, "pg_dump"), 0o755);
    const env = { DATABASE_URL: db.ownerUrl, PATH: process.env.PATH ?? "" };
    const { code, stderr } = await callOps(["backup", "--backups", folder, "--client", tools], env);
    expect([code, stderr]).toEqual([3, expect.stringMatching(says)]);
    expect(stderr).toContain(NOTHING);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("a folder in which none can be created ends a backup", async () => {
  const folder = "/proc/backups";
  const { finished, child } = spawnOps(["backup", "--backups", `${folder}/ledger`], {
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/ledger",
  });
  const spinning = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const { code, stderr } = await finished;
  clearTimeout(spinning);
  expect([code, stderr]).toEqual([3, `${folder} does not exist (ENOENT). ${NOTHING}\n`]);
}, 30_000);

test("a file of saved deliveries that is none, or is missing, is not said to wait for its replay", async () => {
  const env = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/ledger" };
  const replay = async (path: string) => {
    const { code, stderr } = await callOps(["restore", "--replay", path], env);
    return [code, stderr];
  };
  expect(await replay(tmpdir())).toEqual([1, expect.stringMatching(/ is no file\. Name the file that/)]);
  expect(await replay(import.meta.filename)).toEqual([1, expect.stringMatching(/incomplete\.\n$/)]);
  expect(await replay("/nowhere.jsonl")).toEqual([3, "/nowhere.jsonl does not exist (ENOENT).\n"]);
});

describeWithDisk(mountDisk, "on a full disk", () => {
  test("a command whose output cannot be written says so and exits with 4", () => {
    const folder = mkdtempSync(join(tmpdir(), "small-"));
    const disk = mountDisk?.(folder, 1);
    try {
      writeFileSync(join(folder, "output"), "");
      disk?.fill();
      const ended = (command: string) => {
        const line = `"${process.execPath}" "${inject("programs").ops}" ${command} > "${join(folder, "output")}"`;
        const { status, stderr } = spawnSync("sh", ["-c", line], { env: {}, encoding: "utf8" });
        return [status, stderr];
      };
      const says = (code: number) =>
        `The command has ended, with exit code ${code}, but its output could not be written (ENOSPC). Make room. Before you run it again, look at what it has done.\n`;
      expect(ended("config")).toEqual([4, says(0)]);
      expect(ended("watch http://127.0.0.1:1 --every 1s --for 9s")).toEqual([3, says(3)]);
    } finally {
      disk?.unmount();
      rmSync(folder, { recursive: true });
    }
  });
});
