import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cluster } from "@call-ledger/local-postgres";
import { startCluster } from "@call-ledger/local-postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiProcess } from "./harness/api-process.ts";
import { startProcess } from "./harness/api-process.ts";
import { deliver, message, send } from "./harness/deliveries.ts";
import type { TestLedger } from "./harness/ledger.ts";
import { testLedger } from "./harness/ledger.ts";
import { until } from "./harness/running-api.ts";

// Root runs Postgres as another user, who has to reach the folder.
const folder = mkdtempSync(join(process.getuid?.() === 0 ? "/tmp" : tmpdir(), "call-ledger-frozen-"));
const settings = { fsync: "off" };

let cluster: Cluster;
let ledger: TestLedger;
let api: ApiProcess;

beforeAll(async () => {
  chmodSync(folder, 0o711);
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

/** The postmaster and all its children, which have process groups of their own. */
function postgresProcesses(): number[] {
  const children = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return (
        readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ")[1] === String(cluster.pid)
      );
    } catch {
      return false;
    }
  });
  return [cluster.pid, ...children.map(Number)];
}

let callNumber = 0;
const deliverOne = () => {
  callNumber += 1;
  return deliver(api.url, message("status-update", `call-${callNumber}`, { status: "ringing" }));
};

/** A whole outage: /health is an error in time all the while, deliveries are refused in time, and then all is well again. */
async function expectOutage(
  begin: () => Promise<void> | void,
  end: () => Promise<void> | void,
): Promise<void> {
  await until(async () => (await deliverOne()).status === 200, "it works before");
  expect((await send(`${api.url}/health`, {})).status).toBe(200);
  await begin();
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

  await end();
  const over = performance.now();
  await until(async () => (await send(`${api.url}/health`, {})).status === 200, "the health is back");
  await until(async () => (await deliverOne()).status === 200, "deliveries are booked");
  expect(performance.now() - over).toBeLessThan(10_000);
}

test("a Postgres that is frozen is told in time, and the process goes on when it thaws", async () => {
  const frozen: number[] = [];
  await expectOutage(
    () => {
      for (const pid of postgresProcesses()) {
        process.kill(pid, "SIGSTOP");
        frozen.push(pid);
      }
    },
    () => {
      for (const pid of frozen) process.kill(pid, "SIGCONT");
    },
  );
}, 60_000);

test("a Postgres that is stopped is told in time, and the process goes on when it is started", async () => {
  await expectOutage(
    () => cluster.stop(),
    async () => {
      cluster = await startCluster({ folder, settings });
    },
  );
}, 60_000);
