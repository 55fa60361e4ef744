import { createServer } from "node:net";
import type { LoginUse } from "@call-ledger/db/migrate";
import { createAppLogin } from "@call-ledger/db/migrate";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { spawnApi, startProcess } from "../harness/api-process.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import { NO_DATABASE, NO_STORAGE, SECRET } from "../harness/running-api.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await testLedger();
});

afterAll(() => ledger.drop());

const loginFor = (use: LoginUse) =>
  createAppLogin(ledger.database.ownerUrl, { name: `start_test_${use}`, use });

test("it logs its start in the words of the guide", async () => {
  const api = await startProcess(await loginFor("api"), { NODE_ENV: "production", ...NO_STORAGE });
  await until(() => api.output().includes("Database connectivity confirmed"), "everything is said");
  const words = api
    .output()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).msg)
    // The line about alarms can come at any moment.
    .filter((word) => word !== "request" && !word.startsWith("Only workers check alarms"));
  expect(words).toEqual([
    `Server listening on port ${api.port}`,
    "Database connected",
    "Health check endpoint verified",
    "Database connectivity confirmed",
  ]);
  api.signal("SIGTERM");
  expect(await api.ended).toBe(0);
});

async function isStorageSeen(url: string): Promise<boolean> {
  const { services } = (await fetch(`${url}/health`).then((reply) => reply.json())) as {
    services: Readonly<Record<string, boolean>>;
  };
  return services.supabase === true;
}

test("without a worker it warns of a login that has the worker's rights", async () => {
  const warned = "`ops db login --for api` makes a login without them";
  const withRights = await startProcess(await loginFor("all"));
  await until(() => withRights.output().includes(warned), "it warns");
  await withRights.kill();
  const without = await startProcess(await loginFor("api"));
  await until(() => without.output().includes("Database connectivity confirmed"), "everything is said");
  await until(() => isStorageSeen(without.url), "its background work has begun");
  expect(without.output()).not.toContain(warned);
  await without.kill();
});

test("it listens without its database, and logs that it has none", async () => {
  const server = spawnApi({ PORT: "0", DATABASE_URL: NO_DATABASE, VAPI_WEBHOOK_SECRET: SECRET });
  await until(() => server.output().includes("Database not connected"), "it is logged");
  expect(server.output()).toContain("Server listening on port");
  expect(server.output()).not.toContain("Database connected");
  server.signal("SIGTERM");
  expect(await server.ended).toBe(0);
});

test("it refuses a wrong environment, naming every wrong variable and no value", async () => {
  const server = spawnApi({ NODE_ENV: "production", PORT: "marker", VAPI_WEBHOOK_SECRET: "" });
  expect(await server.ended).toBe(2);
  for (const name of ["PORT", "DATABASE_URL", "VAPI_WEBHOOK_SECRET"]) expect(server.output()).toContain(name);
  expect(server.output()).not.toContain("marker");

  const nowhere = spawnApi({ PORT: "0" });
  expect(await nowhere.ended).toBe(2);
  expect(nowhere.output()).toContain("DATABASE_URL must be set");
});

test("it logs that its port is taken", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, resolve));
  const address = holder.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const server = spawnApi({ PORT: String(port), DATABASE_URL: NO_DATABASE, VAPI_WEBHOOK_SECRET: SECRET });
  expect(await server.ended).toBe(1);
  expect(server.output()).toContain(`Cannot listen on port ${port}`);
  expect(server.output()).toContain("EADDRINUSE");
  await new Promise((resolve) => holder.close(resolve));
});

test("it listens only on the address of LISTEN_HOST, and checks its health there", async () => {
  const LISTEN_HOST = "127.0.0.2";
  const env = { PORT: "0", LISTEN_HOST, DATABASE_URL: ledger.database.appUrl, VAPI_WEBHOOK_SECRET: SECRET };
  const api = spawnApi({ ...env, ...NO_STORAGE });
  await until(() => api.output().includes("Health check endpoint verified"), "it has asked itself");
  const port = /Server listening on port (\d+)/.exec(api.output())?.[1];
  expect((await fetch(`http://${LISTEN_HOST}:${port}/health/live`)).status).toBe(200);
  await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
  api.signal("SIGTERM");
  expect(await api.ended).toBe(0);
});
