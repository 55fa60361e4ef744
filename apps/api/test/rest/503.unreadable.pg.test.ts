import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import type { Received } from "../harness/deliveries.ts";
import { deliver, message, send } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

let ledger: TestLedger;
let proxy: TcpProxy;
let api: RunningApi;
let bearer: { authorization: string };

beforeAll(async () => {
  ledger = await testLedger();
  proxy = await tcpProxy(ledger.database.appUrl);
  api = await startApi(proxy.url);
  await untilReady(api);
  ({ bearer } = await makeKey(ledger));
});

afterAll(async () => {
  await proxy.set("pass");
  await api.stop();
  await proxy.stop();
  await ledger.drop();
});

const ask = (): Promise<Received> => send(`${api.url}/api/v1/calls/call-1/recording`, { headers: bearer });

test.each(["refuse", "hang"] as const)(
  "a database that does not answer (%s) is a 503 within 5 s, and the api recovers",
  { retry: 2 },
  async (mode) => {
    await proxy.set("pass");
    await until(async () => (await ask()).status === 404, "the ledger can be read");
    await proxy.set(mode);
    const begun = performance.now();
    const refused = await Promise.all([ask(), ask(), ask(), ask(), ask(), ask()]);
    expect(performance.now() - begun).toBeLessThan(5_000);
    for (const received of refused) {
      expect(received).toMatchObject({
        status: 503,
        json: { title: "Service Unavailable", status: 503, detail: expect.stringContaining("Try again") },
      });
      expect(received.headers.get("retry-after")).toBe("5");
    }
    await proxy.set("pass");
    await until(async () => (await ask()).status === 404, "the ledger can be read again");
    expect(api.lines.some((line) => line.includes("CRITICAL: the ledger cannot be read"))).toBe(true);
  },
);

test("an account that cannot be looked up is a 503 and not a 401, so the delivery comes again", {
  retry: 2,
}, async () => {
  await proxy.set("hang");
  const path = "/api/webhooks/vapi/5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711";
  const begun = performance.now();
  const received = await deliver(
    `${api.url}${path}`,
    message("status-update", "call-1", { status: "ringing" }),
  );
  expect(received.status).toBe(503);
  expect(performance.now() - begun).toBeLessThan(5_000);
});
