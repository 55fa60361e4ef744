import { tcpProxy } from "@call-ledger/testkit/faults";
import { afterAll, beforeAll, expect, test } from "vitest";
import { send } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

let ledger: TestLedger;

beforeAll(async () => {
  ledger = await testLedger();
});

afterAll(() => ledger.drop());

const readiness = (url: string) => send(`${url}/health/ready`, {});

test("the process becomes ready by itself after the first contact with the database", async () => {
  const proxy = await tcpProxy(ledger.database.appUrl);
  await proxy.set("refuse");
  const api = await startApi(proxy.url);
  try {
    expect(await readiness(api.url)).toMatchObject({
      status: 503,
      json: { status: "not ready", reason: "the database has not been reached yet" },
    });
    expect((await send(`${api.url}/health/live`, {})).status).toBe(200);
    await proxy.set("pass");
    await untilReady(api);
  } finally {
    await api.stop();
    await proxy.stop();
  }
});

test.each([
  ["is behind", "version = version - 1", "version = version + 1", /run migrate/],
  [
    "has moved on without this release",
    "oldest_code = 9999",
    "oldest_code = 1",
    /needs a release that knows 9999/,
  ],
])(
  "the process is not ready on a schema that %s, and is ready afterwards",
  async (_name, spoil, mend, reason) => {
    await ledger.sql`update call_ledger.schema_state set ${ledger.sql.unsafe(spoil)}`;
    const api = await startApi(ledger.database.appUrl);
    try {
      await expect
        .poll(async () => Object((await readiness(api.url)).json).reason, { timeout: 30_000 })
        .toMatch(reason);
      await ledger.sql`update call_ledger.schema_state set ${ledger.sql.unsafe(mend)}`;
      await untilReady(api);
      expect(api.lines.filter((line) => line.includes("Database not usable"))).toHaveLength(1);
    } finally {
      await api.stop();
    }
  },
);

test("the process is not ready on a database that is not a ledger, and says what to do", async () => {
  const elsewhere = new URL(ledger.database.superuserUrl);
  elsewhere.pathname = "/postgres";
  const api = await startApi(elsewhere.href);
  try {
    await expect
      .poll(async () => Object((await readiness(api.url)).json).reason, { timeout: 30_000 })
      .toMatch(/run migrate/);
  } finally {
    await api.stop();
  }
});
