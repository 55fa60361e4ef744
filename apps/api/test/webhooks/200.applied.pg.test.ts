import { gzipSync } from "node:zlib";
import { signVapi } from "@call-ledger/providers/testing/vapi";
import { beforeAll, expect, test } from "vitest";
import { deliver, fixture, send } from "../harness/deliveries.ts";
import { SECRET } from "../harness/running-api.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi();

beforeAll(() => ledger.addAgent());

test("a delivery with a state is applied, and its rows exist when it is answered", async () => {
  const received = await deliver(api.url, fixture("vapi/04-inbound-status-update-in-progress.json"));
  expect(received.status).toBe(200);
  expect(received.json).toEqual({
    received: true,
    outcome: "applied",
    eventIds: [expect.stringMatching(/^progressed:[\w-]{22}$/)],
  });
  const rows = await ledger.sql`select phase, org_id from calls`;
  expect(rows).toEqual([{ phase: "in_progress", org_id: ledger.orgId }]);
});

test("a delivery that was compressed on its way is verified as its uncompressed text", async () => {
  const body = fixture("vapi/15-inbound-status-update-ended.json");
  const headers = { ...signVapi(body, SECRET, Date.now()), "content-encoding": "gzip" };
  const received = await send(api.url, { method: "POST", headers, body: gzipSync(body) });
  expect(received).toMatchObject({ status: 200, json: { outcome: "applied" } });
  expect(await ledger.sql`select outcome from calls`).toEqual([{ outcome: "completed" }]);
});

test("a valid request id of the caller is echoed", async () => {
  const idOf = async (id: string) => {
    const headers = { "x-request-id": id };
    return (await send(`${api.url}/health/live`, { headers })).headers.get("x-request-id");
  };
  expect(await idOf("render-req_1")).toBe("render-req_1");
  expect(await idOf('a"b')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await idOf("x".repeat(65))).toMatch(/^[0-9a-f-]{36}$/);
});
