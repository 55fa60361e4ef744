import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { spawnOps } from "./harness/run-ops.ts";
import { SECRET } from "./harness/running-server.ts";
import { HEALTHY, standInServer } from "./harness/stand-in.server.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.drop());

/** Runs a command until its output matches, interrupts it, and returns its end. */
async function interrupted(signal: NodeJS.Signals, args: readonly string[], begun: RegExp) {
  const { child, finished } = spawnOps(args, { DATABASE_URL: db.ownerUrl, VAPI_WEBHOOK_SECRET: SECRET });
  let printed = "";
  child.stdout?.on("data", (text: string) => {
    printed += text;
  });
  await until(() => begun.test(printed), `${args.join(" ")} has begun`, 30);
  child.kill(signal);
  return finished;
}

test.each(["SIGINT", "SIGHUP"] as const)("%s ends doctor while it waits for a delivery", async (signal) => {
  const args = ["doctor", "http://127.0.0.1:1", "--wait", "1m"];
  const { code, stderr } = await interrupted(signal, args, /^Account /m);
  expect([code, stderr]).toEqual([4, `Stopped by ${signal}. Nothing was changed. Next: doctor again.\n`]);
});

test("SIGHUP ends smoke, which says what may be left", async () => {
  let deliveries = 0;
  const server = await standInServer({
    health: () => ({ status: 200, body: HEALTHY }),
    webhook: () => {
      deliveries += 1;
      return { status: 401, body: {}, afterMs: deliveries === 1 ? 0 : 60_000 };
    },
  });
  const { code, stderr } = await interrupted("SIGHUP", ["smoke", server.url], /probe_prepared/);
  server.stop();
  expect([code, stderr]).toEqual([
    4,
    "Stopped by SIGHUP. The organization `call-ledger smoke` may be left. The next smoke removes it.\n",
  ]);
});
