import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { emptyDatabase, testDatabase } from "@call-ledger/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BuiltApps } from "../src/index.ts";
import { buildApps } from "../src/index.ts";

let folder: string;
let built: BuiltApps;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "build-test-"));
  built = await buildApps(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the api that was built runs far from node_modules, finds its migrations, and is ready", async () => {
  const database = await testDatabase();
  const child = spawn(process.execPath, [built.api], {
    cwd: "/",
    env: {
      PORT: "0",
      DATABASE_URL: database.appUrl,
      VAPI_WEBHOOK_SECRET: "secret",
      STORAGE_PATH: join(folder, "recordings"),
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let port: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    port ??= /listening on port (\d+)/.exec(line)?.[1];
    // Said after the schema was held against the migrations that this build knows.
    if (line.includes("Database connectivity confirmed")) break;
  }
  const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
  expect([ready.status, await ready.json()]).toEqual([200, { status: "ready" }]);
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
  await database.drop();
});

test.runIf(process.platform === "linux").each([
  [
    "keeps its heap small by itself",
    {},
    ["--max-semi-space-size=8", "--heap-growing-percent=100", "--no-allocation-site-pretenuring"],
  ],
  ["leaves the heap to whoever has set its limits", { NODE_OPTIONS: "--max-semi-space-size=32" }, []],
])("the api %s", async (_what, options, expected) => {
  const env = {
    PORT: "0",
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    VAPI_WEBHOOK_SECRET: "secret",
  };
  const child = spawn(process.execPath, [built.api], {
    env: { ...env, WORKER: "off", ...options },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let commandLine: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes("Server listening")) continue;
    commandLine = readFileSync(`/proc/${child.pid}/cmdline`, "utf8").split("\0");
    child.kill("SIGTERM");
  }
  expect(await ended).toBe(0);
  expect(commandLine.filter((argument) => argument.startsWith("--"))).toEqual(expected);
});

test("what V8 compiled comes with it", () => {
  const [version] = readdirSync(join(folder, "api/compiled"));
  expect(readdirSync(join(folder, "api/compiled", version ?? "")).length).toBeGreaterThan(0);
});

test("the operator's program migrates an empty database with the migrations of the build", async () => {
  const database = await emptyDatabase();
  const env = { DATABASE_URL: database.ownerUrl, DIRECT_DATABASE_URL: database.ownerUrl };
  const { status, stdout } = spawnSync(process.execPath, [built.ops, "migrate"], {
    cwd: "/",
    env,
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([0, expect.stringMatching(/^Applied \d+: the database is at \d{4}_/)]);
  const verified = spawnSync(process.execPath, [built.ops, "verify"], { cwd: "/", env, encoding: "utf8" });
  expect(verified.stdout).toContain("ok      schema_as_committed: no difference");
  await database.drop();
});

test("the worker that was built works on the same ledger and stops by itself", async () => {
  const database = await testDatabase();
  const env = { DATABASE_URL: database.appUrl, STORAGE_PATH: join(folder, "recordings") };
  const child = spawn(process.execPath, [built.worker], {
    cwd: "/",
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.includes("Worker started")) child.kill("SIGTERM");
  }
  expect(await ended).toBe(0);
  await database.drop();
});
