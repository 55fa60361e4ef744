import { unpackPayload } from "@call-ledger/db/write";
import { expect, test } from "vitest";
import { deliver, message } from "../harness/deliveries.ts";
import { SECRET } from "../harness/running-api.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi();

const waiting = () =>
  ledger.sql<{ reason: string; event_type: string; payload: Buffer }[]>`
    select reason, event_type, payload from quarantined_deliveries order by received_at, id`;

test.each([
  ["broken JSON", Buffer.from('{"message": {"type": "status-upd'), {}, "unparseable"],
  ["nothing at all", Buffer.from(""), {}, "unparseable"],
  ["JSON that is nested too deeply", Buffer.from(`{"a": ${"[".repeat(200)}`), {}, "too_complex"],
  ["JSON without a call", message("hang", "x", { call: undefined }), {}, "no_call"],
  [
    "a content coding that nobody knows",
    Buffer.from("\u0001\u0002"),
    { "content-encoding": "snappy" },
    "unparseable",
  ],
  ["a content coding that is broken", Buffer.from("no gzip"), { "content-encoding": "gzip" }, "unparseable"],
])("%s is kept once if it is verified", async (_name, body, headers, reason) => {
  const before = (await waiting()).length;
  for (let time = 0; time < 2; time += 1) {
    const received = await deliver(api.url, body, { headers });
    expect(received.status).toBe(202);
    expect(received.json).toEqual({ received: true, outcome: "quarantined", reason });
  }
  const kept = await waiting();
  expect(kept).toHaveLength(before + 1);
  const last = kept.at(-1);
  expect(last?.reason).toBe(reason);
  expect(unpackPayload(last?.payload ?? Buffer.alloc(0))).toBe(body.toString());
});

test("a body that cannot be parsed is kept if a shared secret verifies it", async () => {
  const headers = { "x-vapi-secret": SECRET, "content-type": "text/plain; charset=utf-7" };
  const response = await fetch(`${api.url}/api/webhooks/vapi`, {
    method: "POST",
    headers,
    body: "plain words",
  });
  expect(response.status).toBe(202);
});
