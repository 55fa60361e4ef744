import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Received } from "../harness/deliveries.ts";
import { deliver, message } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

let ledger: TestLedger;
let proxy: TcpProxy;
let api: RunningApi;
let callNumber = 0;

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  proxy = await tcpProxy(ledger.database.appUrl);
  api = await startApi(proxy.url);
  await untilReady(api);
});

beforeEach(async () => {
  await proxy.set("pass");
  await until(async () => (await deliverOne()).status === 200, "the database is back");
});

afterAll(async () => {
  await proxy.set("pass");
  await api.stop();
  await proxy.stop();
  await ledger.drop();
});

function deliverOne(to = api): Promise<Received> {
  callNumber += 1;
  return deliver(to.url, message("status-update", `call-${callNumber}`, { status: "ringing" }));
}

/** Expects the refusal of a delivery. Returns the milliseconds until it came. */
async function refusal(by = api): Promise<number> {
  const begun = performance.now();
  const received = await deliverOne(by);
  expect(received).toMatchObject({ status: 503, json: { title: "Service Unavailable", status: 503 } });
  expect(received.headers.get("retry-after")).toBe("5");
  return performance.now() - begun;
}

// Retried, because another program on the same cores can delay it. A real fault fails each try.
test("a missing database is answered immediately, and deliveries are booked when it is back", {
  retry: 2,
}, async () => {
  await proxy.set("refuse");
  expect(await refusal()).toBeLessThan(1_000);
  await proxy.set("pass");
  const begun = performance.now();
  await until(async () => (await deliverOne()).status === 200, "the database is back");
  expect(performance.now() - begun).toBeLessThan(5_000);
});

test("while the database hangs, every delivery is answered within 5 s", { retry: 2 }, async () => {
  await proxy.set("hang");
  const times = await Promise.all(Array.from({ length: 20 }, () => refusal()));
  expect(Math.max(...times)).toBeLessThan(5_000);
  expect(Math.max(...times)).toBeGreaterThan(2_000);
});

test("connections that are cut cost at most the running deliveries", async () => {
  const statuses: number[] = [];
  const sending = (async () => {
    while (statuses.length < 60) {
      const received = await Promise.all(Array.from({ length: 4 }, () => deliverOne()));
      statuses.push(...received.map(({ status }) => status));
    }
  })();
  for (let cuts = 0; cuts < 5; cuts += 1) {
    proxy.cut();
    await deliverOne();
  }
  await sending;
  expect(new Set(statuses)).toEqual(new Set(statuses.includes(503) ? [200, 503] : [200]));
  expect((await deliverOne()).status).toBe(200);
});

test("an outage is alerted in the words of the runbooks, a few times and not for each delivery", async () => {
  const fresh = await startApi(proxy.url);
  try {
    await proxy.set("refuse");
    await Promise.all(Array.from({ length: 50 }, () => refusal(fresh)));
    const alerts = () => fresh.lines.filter((line) => line.includes("Failed to mark event as processed"));
    const told = () => alerts().reduce((sum, line) => sum + Number(JSON.parse(line).times), 0);
    await until(() => told() >= 50, "all are counted");
    expect(told()).toBe(50);
    expect(alerts().length).toBeLessThanOrEqual(5);
    expect(fresh.lines.filter((line) => line.includes("CRITICAL"))).toEqual(alerts());
    expect(JSON.parse(alerts()[0] ?? "")).toMatchObject({
      fault: "no_answer",
      next: expect.stringContaining("Check that it runs"),
    });
  } finally {
    await fresh.stop();
  }
});
