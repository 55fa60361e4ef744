import { createAppLogin } from "@call-ledger/db/migrate";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deliver, message } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

let ledger: TestLedger;
const running: RunningApi[] = [];

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  await ledger.sql`insert into background_heartbeats (name, last_run_at)
    values ('worker:gone', now() - interval '5 minutes')`;
});

afterAll(async () => {
  await Promise.all(running.map((api) => api.stop()));
  await ledger.drop();
});

async function start(databaseUrl: string): Promise<RunningApi> {
  const api = await startApi(databaseUrl, { WORKER: "off" });
  running.push(api);
  await untilReady(api);
  return api;
}

test("an api without the rights of a worker leaves alarms to workers, but counts its deliveries", async () => {
  const name = `call_ledger_test_api_${process.pid}`;
  const url = await createAppLogin(ledger.database.ownerUrl, { name, password: "test", use: "api" });
  const api = await start(url);
  await until(
    () => api.lines.some((line) => line.includes("Only workers check alarms")),
    "it logs that it leaves alarms to workers",
  );
  const forged = { "x-vapi-signature": "0".repeat(64), "x-vapi-timestamp": String(Date.now()) };
  const body = message("status-update", "call-1", { status: "in-progress" });
  expect((await deliver(api.url, body)).status).toBe(200);
  for (let n = 0; n < 3; n += 1) expect((await deliver(api.url, body, { headers: forged })).status).toBe(401);
  const counted = await until(async () => {
    const [row] = await ledger.sql`
      select sum(accepted)::int as accepted, sum(refused + unproven)::int as refused from delivery_counts`;
    return row?.refused === 3 && row;
  }, "the counts are written");
  expect(counted).toEqual({ accepted: 1, refused: 3 });
  expect(await ledger.sql`select from alarms`).toHaveLength(0);
});

test("an api without a worker raises the alarm that all workers have stopped", async () => {
  const api = await start(ledger.database.appUrl);
  await until(() => api.lines.some((line) => line.includes("Alarm opened")), "the alarm is logged");
  const rows = await ledger.sql`select condition from alarms`;
  expect(rows.map((row) => row.condition)).toEqual(["worker_silent"]);
});
