import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Cluster, embeddedBinaries, runningCluster, startCluster, stopLeftOver } from "../src/index.ts";
import { processIdentity } from "../src/process.identity.ts";

const STARTER = fileURLToPath(new URL("starter.process.ts", import.meta.url));
const folders: string[] = [];
const starters: ChildProcess[] = [];
let made: string;

// The copy of a cluster that ran and was stopped costs a tenth of what making one does.
beforeAll(async () => {
  made = newFolder();
  folders.length = 0;
  await (await start(made)).stop();
});
afterAll(() => rmSync(join(made, ".."), { recursive: true }));

afterEach(async () => {
  for (const starter of starters.splice(0)) starter.kill("SIGKILL");
  for (const folder of folders.splice(0)) {
    await stopLeftOver(folder);
    rmSync(join(folder, ".."), { recursive: true });
  }
});

function newFolder(): string {
  const folder = join(mkdtempSync("/tmp/cluster-start-"), "postgres");
  execFileSync("chmod", ["711", join(folder, "..")]);
  folders.push(folder);
  return folder;
}

/** A cluster that was made before. */
function madeFolder(): string {
  const folder = newFolder();
  execFileSync("cp", ["-a", made, folder]);
  return folder;
}

const start = (folder: string, log?: (line: string) => void): Promise<Cluster> =>
  startCluster({ folder, settings: { fsync: "off" }, ...(log ? { log } : {}) });

async function query(url: string, text: string): Promise<unknown> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql.unsafe(text).values();
    return row?.[0];
  } finally {
    await sql.end();
  }
}

async function startElsewhere(folder: string): Promise<{ starter: ChildProcess; pid: number }> {
  const starter = spawn(process.execPath, [STARTER, folder], { stdio: ["ignore", "pipe", "inherit"] });
  starters.push(starter);
  const [line] = await once(starter.stdout ?? starter, "data");
  return { starter, pid: JSON.parse(String(line)).pid };
}

async function gone(pid: number): Promise<void> {
  await expect.poll(() => processIdentity(pid), { timeout: 10_000 }).toBeUndefined();
}

test("data, port and password are the same after a restart", async () => {
  const folder = madeFolder();
  const first = await start(folder);
  await query(first.superuserUrl, "CREATE TABLE kept AS SELECT 42 AS answer");
  await first.stop();
  expect(runningCluster(folder)).toBeUndefined();
  const second = await start(folder);
  expect(second.superuserUrl).toBe(first.superuserUrl);
  expect(await query(second.superuserUrl, "SELECT answer FROM kept")).toBe(42);
  expect(runningCluster(folder)).toMatchObject({ pid: second.pid, port: second.port });
  await second.stop();
});

test("listens on 127.0.0.1 only and requires the password", async () => {
  const folder = madeFolder();
  const { superuserUrl, stop } = await start(folder);
  expect(await query(superuserUrl, "SHOW listen_addresses")).toBe("127.0.0.1");
  expect(await query(superuserUrl, "SHOW unix_socket_directories")).toBe("");
  const wrong = new URL(superuserUrl);
  wrong.password = "wrong";
  await expect(query(wrong.href, "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
  expect(statSync(join(folder, "cluster.json")).mode & 0o777).toBe(0o600);
  await stop();
});

test("a server ends with the process that started it, even by SIGKILL", async () => {
  const { starter, pid } = await startElsewhere(madeFolder());
  expect(processIdentity(pid)).toBeDefined();
  starter.kill("SIGKILL");
  await gone(pid);
});

test("a server that was left behind is stopped, and its data is kept", async () => {
  const folder = madeFolder();
  const { starter, pid } = await startElsewhere(folder);
  const watcher = execFileSync("pgrep", ["-f", `kill -INT.*${folder}`], { encoding: "utf8" });
  for (const victim of [Number(watcher), starter.pid ?? 0]) process.kill(victim, "SIGKILL");
  await once(starter, "exit");
  expect(processIdentity(pid)).toBeDefined();
  const lines: string[] = [];
  const cluster = await start(folder, (line) => lines.push(line));
  expect(lines).toContain(`stopped a Postgres that an earlier run left behind (process ${pid})`);
  expect(await query(cluster.superuserUrl, "SELECT 1")).toBe(1);
  await cluster.stop();
});

test("recovers after the server itself was killed", async () => {
  const folder = madeFolder();
  const first = await start(folder);
  await query(first.superuserUrl, "CREATE TABLE kept AS SELECT 42 AS answer");
  process.kill(first.pid, "SIGKILL");
  await first.ended;
  const second = await start(folder);
  expect(await query(second.superuserUrl, "SELECT answer FROM kept")).toBe(42);
  await second.stop();
});

test("a lock file whose process id belongs to another program is ignored", async () => {
  const folder = madeFolder();
  await (await start(folder)).stop();
  const lock = [process.pid, join(folder, "data"), "0", "5432", "", "127.0.0.1", "0 0", "ready"].join("\n");
  writeFileSync(join(folder, "data/postmaster.pid"), lock);
  const cluster = await start(folder);
  expect(await query(cluster.superuserUrl, "SELECT 1")).toBe(1);
  await cluster.stop();
});

test("uses the server of a living process and leaves it running", async () => {
  const folder = madeFolder();
  const { starter, pid } = await startElsewhere(folder);
  const joined = await start(folder);
  expect(joined).toMatchObject({ owned: false, pid });
  await joined.stop();
  expect(await query(joined.superuserUrl, "SELECT 1")).toBe(1);
  starter.kill();
  await gone(pid);
});

test("waits for the end of a server that its process is about to stop", async () => {
  const folder = madeFolder();
  const first = await start(folder);
  first.leave();
  const lines: string[] = [];
  const second = start(folder, (line) => lines.push(line));
  await expect.poll(() => lines).toEqual([`waiting until process ${process.pid} has stopped its Postgres`]);
  await first.stop();
  const { owned, superuserUrl, stop } = await second;
  expect([owned, await query(superuserUrl, "select 1")]).toEqual([true, 1]);
  await stop();
});

test("changes to another port for good if its own is taken", async () => {
  const folder = madeFolder();
  const first = await start(folder);
  await first.stop();
  const intruder = createServer().listen(first.port, "127.0.0.1");
  await once(intruder, "listening");
  const second = await start(folder);
  expect(second.port).not.toBe(first.port);
  await second.stop();
  intruder.close();
  const third = await start(folder);
  expect(third.port).toBe(second.port);
  await third.stop();
});

test("data of another major version is refused and not changed", async () => {
  const folder = madeFolder();
  await (await start(folder)).stop();
  const binaries = { ...embeddedBinaries(), major: 17 };
  await expect(startCluster({ folder, binaries })).rejects.toThrow("was made by Postgres 18; this is 17");
  expect(readFileSync(join(folder, "data/PG_VERSION"), "utf8").trim()).toBe("18");
});

test("a server that does not start gives its own message as the error", async () => {
  const broken = startCluster({ folder: madeFolder(), settings: { shared_buffers: "lots" } });
  await expect(broken).rejects.toThrow('invalid value for parameter "shared_buffers"');
});

test("values of a failing statement do not reach the log", async () => {
  const folder = madeFolder();
  const { superuserUrl, stop } = await start(folder);
  await query(superuserUrl, "CREATE TABLE callers (phone text CHECK (phone IS NULL))");
  await expect(query(superuserUrl, "INSERT INTO callers VALUES ('+12025550123')")).rejects.toThrow(
    "violates check",
  );
  const log = readFileSync(join(folder, "postgres.log"), "utf8");
  expect(log).toContain("violates check constraint");
  expect(log).not.toContain("2025550123");
  await stop();
});
