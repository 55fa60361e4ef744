import { until } from "@call-ledger/testkit/process";
import { expect, test } from "vitest";
import { deliver, fixture } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi();

const ORGANIZATION_TABLES = [
  "calls",
  "call_tracking",
  "call_logs",
  "call_transcripts",
  "processed_webhook_events",
  "recording_upload_queue",
];

test("a delivery of an unknown agent is quarantined, changes no call, and is booked within 5 s after the agent exists", async () => {
  const bodies = [
    "vapi/04-inbound-status-update-in-progress.json",
    "vapi/16-inbound-end-of-call-report.json",
  ];
  for (const body of [...bodies, ...bodies]) {
    const received = await deliver(api.url, fixture(body));
    expect(received.status).toBe(202);
    expect(received.json).toEqual({ received: true, outcome: "quarantined", reason: "unknown_agent" });
  }
  for (const table of ORGANIZATION_TABLES) {
    expect(await ledger.sql`select * from ${ledger.sql(table)}`, table).toEqual([]);
  }
  expect(await ledger.sql`select reason from quarantined_deliveries where replayed_at is null`).toHaveLength(
    2,
  );

  await ledger.addAgent();
  const addedAt = performance.now();
  const [call] = await until(async () => {
    const calls = await ledger.sql`select phase, outcome, org_id from calls`;
    return calls.length > 0 && calls;
  }, "the waiting deliveries are booked");
  expect(performance.now() - addedAt).toBeLessThan(5_000);
  expect(call).toEqual({ phase: "ended", outcome: "completed", org_id: ledger.orgId });
  expect(await ledger.sql`select id from quarantined_deliveries where replayed_at is null`).toEqual([]);
});
