import { expect, test } from "vitest";
import { deliver, message } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi();

test("an unexpected answer of the database is a fault of the service: 500 and an alert, never a 4xx", async () => {
  await ledger.sql`alter function public.record_deliveries(jsonb, bytea[]) rename to renamed`;
  const received = await deliver(api.url, message("status-update", "call-1", { status: "ringing" }));
  expect(received).toMatchObject({ status: 500, json: { title: "Internal Server Error", status: 500 } });
  const alert = JSON.parse(api.lines.find((line) => line.includes("CRITICAL")) ?? "{}");
  expect(alert).toMatchObject({
    level: "error",
    msg: "CRITICAL: Error checking idempotency",
    error: "LedgerFault",
    code: "42883",
    route: "/api/webhooks/vapi",
    id: received.headers.get("x-request-id"),
  });
});
