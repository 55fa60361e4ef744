import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyDatabase, testDatabase } from "@call-ledger/db/testing";
import { startProgram, startServer, until } from "@call-ledger/testkit/process";
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
  const api = await startServer([built.api], {
    cwd: "/",
    env: {
      DATABASE_URL: database.appUrl,
      VAPI_WEBHOOK_SECRET: "secret",
      STORAGE_PATH: join(folder, "recordings"),
    },
  });
  // The api logs this after it has compared the schema with the migrations of this build.
  await until(() => api.output().includes("Database connectivity confirmed"), "the schema is accepted");
  const ready = await fetch(`${api.url}/health/ready`);
  expect([ready.status, await ready.json()]).toEqual([200, { status: "ready" }]);
  // The body is large enough for the reading thread, which is a program of its own. The thread can start more slowly
  // than a sender waits, so the request is repeated.
  const large = await until(async () => {
    const reply = await fetch(`${api.url}/api/webhooks/vapi`, {
      method: "POST",
      headers: { "x-vapi-secret": "secret" },
      body: "no JSON".repeat(20_000),
    });
    const answer = await reply.json();
    return reply.status !== 503 && [reply.status, answer];
  }, "the thread has started");
  expect(large).toMatchObject([202, { reason: "unparseable" }]);
  api.signal("SIGTERM");
  expect(await api.ended).toBe(0);
  await database.drop();
});

test("no program imports node:http with a statement, which would load Node's client for fetch", () => {
  const files = ["api", "ops", "worker"].flatMap((app) =>
    readdirSync(join(folder, app, "code")).map((file) => join(app, "code", file)),
  );
  const filesWith = (code: RegExp) =>
    files.filter((file) => code.test(readFileSync(join(folder, file), "utf8")));
  expect(filesWith(/from\s*"node:http"/)).toEqual([]);
  expect(filesWith(/process\.getBuiltinModule\([`"]node:http[`"]\)/)).not.toEqual([]);
});

test.runIf(process.platform === "linux").each([
  [
    "keeps its heap small by itself",
    {},
    [
      "--max-semi-space-size=8",
      "--heap-growing-percent=100",
      "--no-allocation-site-pretenuring",
      "--expose-gc",
    ],
  ],
  [
    "does not change the heap options that the environment sets",
    { NODE_OPTIONS: "--max-semi-space-size=32" },
    [],
  ],
])("the api %s", async (_name, options, expected) => {
  const env = {
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    VAPI_WEBHOOK_SECRET: "secret",
    WORKER: "off",
  };
  const api = await startServer([built.api], { env: { ...env, ...options } });
  const commandLine = readFileSync(`/proc/${api.pid}/cmdline`, "utf8").split("\0");
  const environment = readFileSync(`/proc/${api.pid}/environ`, "utf8").split("\0");
  api.signal("SIGTERM");
  expect(await api.ended).toBe(0);
  expect(commandLine.filter((argument) => argument.startsWith("--"))).toEqual(expected);
  expect(environment.filter((variable) => variable.startsWith("MALLOC_MMAP"))).toHaveLength(
    expected.length > 0 ? 1 : 0,
  );
});

test("the build contains the code that V8 compiled", () => {
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
  const worker = startProgram([built.worker], { cwd: "/", env });
  await until(() => worker.output().includes("Worker started"), "the worker has started");
  worker.signal("SIGTERM");
  expect(await worker.ended).toBe(0);
  await database.drop();
});
