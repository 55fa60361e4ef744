import { afterAll, beforeAll, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import { send } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

let ledger: TestLedger;
let api: RunningApi;

beforeAll(async () => {
  ledger = await testLedger();
  api = await startApi(ledger.database.appUrl);
  await untilReady(api);
});

afterAll(async () => {
  await api.stop();
  await ledger.drop();
});

test.each([["calls:read", "agents:read", "agents:write"] as const, [] as const])(
  "a key without the scope is told which one it lacks",
  async (...scopes) => {
    const { bearer } = await makeKey(ledger, { scopes });
    const received = await send(`${api.url}/api/v1/calls/call-1/recording`, { headers: bearer });
    expect(received).toMatchObject({
      status: 403,
      json: { title: "Forbidden", status: 403, detail: expect.stringContaining("recordings:read") },
    });
    expect(received.headers.get("www-authenticate")).toBe(
      'Bearer realm="call-ledger", error="insufficient_scope", scope="recordings:read"',
    );
  },
);

test("a key of no organization sees no organization's calls", async () => {
  const { bearer } = await makeKey(ledger, { orgId: null });
  const received = await send(`${api.url}/api/v1/calls/call-1/recording`, { headers: bearer });
  expect(received).toMatchObject({ status: 403, json: { detail: expect.stringContaining("organization") } });
});
