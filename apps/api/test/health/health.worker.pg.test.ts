import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { send } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

let ledger: TestLedger;
let folder: string;

beforeAll(async () => {
  ledger = await testLedger();
  folder = mkdtempSync(join(tmpdir(), "recordings-"));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await ledger.drop();
});

const services = async (url: string) => Object((await send(`${url}/health`, {})).json).services;

test("with a worker in the process and a storage that answers, all services are true", async () => {
  const env = { WORKER: "inline", STORAGE_PATH: join(folder, "inline") };
  const api = await startApi(ledger.database.appUrl, env);
  await untilReady(api);
  await until(async () => {
    const { supabase, backgroundJobs } = await services(api.url);
    return supabase === true && backgroundJobs === true;
  }, "storage and worker are there");
  expect((await send(`${api.url}/health`, {})).json).toMatchObject({ status: "ok" });
  await api.stop();
});

test("with the worker in another process the storage is still checked", async () => {
  const api = await startApi(ledger.database.appUrl, { STORAGE_PATH: join(folder, "elsewhere") });
  await untilReady(api);
  await until(async () => (await services(api.url)).supabase === true, "the storage answers");
  await api.stop();
});

test("in production a folder that a deployment wipes is refused with a log line; deliveries are booked", async () => {
  const env = { WORKER: "inline", NODE_ENV: "production", STORAGE_PATH: join(folder, "wiped") };
  const api = await startApi(ledger.database.appUrl, env);
  await untilReady(api);
  const said = await until(
    () => api.lines.find((line) => line.includes("Recordings are not kept")) ?? false,
    "it is logged that recordings are not kept",
  );
  expect(said).toContain("STORAGE_LOCAL_DURABLE");
  expect(await services(api.url)).toMatchObject({ database: true, supabase: false });
  await api.stop();
});
