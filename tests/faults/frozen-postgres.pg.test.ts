import { rmSync } from "node:fs";
import { startProcess } from "@call-ledger/api/testing/api-process";
import { deliver, message, send } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import type { Cluster } from "@call-ledger/local-postgres";
import { scratchFolder, startCluster } from "@call-ledger/local-postgres";
import { freeze } from "@call-ledger/testkit/faults";
import type { Server } from "@call-ledger/testkit/process";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";

const folder = scratchFolder("call-ledger-frozen-");
const settings = { fsync: "off" };

let cluster: Cluster;
let ledger: TestLedger;
let api: Server;

beforeAll(async () => {
  cluster = await startCluster({ folder, settings });
  ledger = await testLedger(cluster.superuserUrl);
  await ledger.addAgent();
  api = await startProcess(ledger.database.appUrl);
});

afterAll(async () => {
  api.signal("SIGKILL");
  await api.ended;
  await ledger.drop();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A fault happens at each attempt; a delay by other programs on the same cores does not. */
const AGAIN = { retry: 2 };

let callNumber = 0;
const deliverOne = () => {
  callNumber += 1;
  return deliver(api.url, message("status-update", `call-${callNumber}`, { status: "ringing" }));
};

/**
 * Expects a whole outage: `/health` reports an error within its time limit throughout, deliveries are refused within
 * theirs, and afterwards both work again.
 */
async function expectOutage(
  begin: () => Promise<void> | void,
  end: () => Promise<void> | void,
): Promise<void> {
  await until(async () => (await deliverOne()).status === 200, "deliveries are booked before the fault");
  expect((await send(`${api.url}/health`, {})).status).toBe(200);
  await begin();
  await expectRefusals().finally(end);
  const over = performance.now();
  await until(async () => (await send(`${api.url}/health`, {})).status === 200, "the health is back");
  await until(async () => (await deliverOne()).status === 200, "deliveries are booked");
  expect(performance.now() - over).toBeLessThan(10_000);
}

async function expectRefusals(): Promise<void> {
  let refused:
    | { readonly status: number; readonly retryAfter: string | null; readonly ms: number }
    | undefined;
  const begun = performance.now();
  const delivery = deliverOne().then(({ status, headers }) => {
    refused = { status, retryAfter: headers.get("retry-after"), ms: performance.now() - begun };
  });
  do {
    const asked = performance.now();
    const health = await send(`${api.url}/health`, {});
    expect(performance.now() - asked).toBeLessThan(500);
    expect(health).toMatchObject({ status: 503, json: { status: "error", services: { database: false } } });
  } while (refused === undefined);
  await delivery;
  expect(refused).toMatchObject({ status: 503, retryAfter: "5" });
  expect(refused.ms).toBeLessThan(5_000);
  expect((await send(`${api.url}/health/ready`, {})).status).toBe(200);
}

test("a frozen Postgres is reported in time, and the api continues after the freeze", AGAIN, async () => {
  let thaw: () => void = () => undefined;
  await expectOutage(
    () => {
      thaw = freeze(cluster.pid);
    },
    () => thaw(),
  );
});

test("a stopped Postgres is reported in time, and the api continues after its start", AGAIN, async () => {
  await expectOutage(
    () => cluster.stop(),
    async () => {
      cluster = await startCluster({ folder, settings });
    },
  );
});
