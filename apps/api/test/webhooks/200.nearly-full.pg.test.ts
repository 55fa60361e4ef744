import { until } from "@call-ledger/testkit/process";
import { beforeAll, expect, test } from "vitest";
import { deliver, message } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

/* A migrated database has more than ten megabytes, so that this limit is exceeded from the beginning. */

const { ledger, api } = useApi({ DATABASE_LIMIT_MB: "10" });

beforeAll(() => ledger.addAgent());

let calls = 0;

async function payloadOf(callId: string) {
  const [row] = await ledger.sql<{ has: boolean }[]>`
    select payload is not null as has from processed_webhook_events where provider_call_id = ${callId}`;
  return row?.has;
}

test("when the database is nearly full, deliveries are booked without their payloads", async () => {
  await until(async () => {
    const callId = `full-${++calls}`;
    const received = await deliver(api.url, message("status-update", callId, { status: "ringing" }));
    expect(received).toMatchObject({ status: 200, json: { outcome: "applied" } });
    return (await payloadOf(callId)) === false;
  }, "a payload is not stored");
  expect(api.lines.filter((line) => line.includes("CRITICAL: the database is nearly full"))).toHaveLength(1);
});

test("a delivery that cannot be booked keeps its payload, because nothing else of it is stored", async () => {
  const received = await deliver(api.url, Buffer.from('{"message": {"type": "status-upd'));
  expect(received.status).toBe(202);
  const [row] = await ledger.sql`
    select payload is not null as has from quarantined_deliveries where reason = 'unparseable'`;
  expect(row).toEqual({ has: true });
});
