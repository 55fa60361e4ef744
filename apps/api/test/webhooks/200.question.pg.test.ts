import { expect, test } from "vitest";
import { ASSISTANT, deliver, fixture, message } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi();

const timeline = () =>
  ledger.sql`select event_type from processed_webhook_events order by created_at, event_type`;

test("a caller at an unknown number hears an error, and the question goes to quarantine", async () => {
  const received = await deliver(api.url, fixture("vapi/01-inbound-assistant-request.json"));
  expect(received.status).toBe(200);
  expect(received.json).toEqual({ error: expect.stringMatching(/try again/) });
  expect(await ledger.sql`select reason, event_type, replayed_at from quarantined_deliveries`).toEqual([
    { reason: "unknown_agent", event_type: "assistant-request", replayed_at: null },
  ]);
  expect(await timeline()).toEqual([]);
});

test("a caller gets the agent that owns the number, however often the question is sent", async () => {
  await ledger.addAgent();
  const body = message("assistant-request", "call-asked", {
    call: { id: "call-asked", type: "inboundPhoneCall" },
    phoneNumber: { number: "+12025550100" },
  });
  for (let time = 0; time < 2; time += 1) {
    const received = await deliver(api.url, body);
    expect(received.status).toBe(200);
    expect(received.json).toEqual({ assistantId: ASSISTANT });
  }
});

test("tool calls and function calls are answered as not handled, and booked", async () => {
  const tools = await deliver(api.url, fixture("vapi/11-inbound-tool-calls.json"));
  expect(tools.status).toBe(200);
  expect(tools.json).toEqual({
    results: [
      {
        name: "book_visit",
        toolCallId: "call_fx01aVQ",
        result: expect.stringMatching(/No handler.*book_visit/),
      },
    ],
  });
  const legacy = await deliver(api.url, fixture("vapi/72-legacy-function-call.json"));
  expect(legacy).toMatchObject({ status: 200, json: { result: expect.stringMatching(/No handler/) } });
  const types = (await timeline()).map((row) => row.event_type);
  expect(types).toContain("tool-calls");
  expect(types).toContain("function-call");
});

test("other questions are answered as not handled, and booked as observed", async () => {
  const received = await deliver(api.url, message("transfer-destination-request", "call-transfer"));
  expect(received).toMatchObject({ status: 200, json: { error: "not handled here" } });
  const line = JSON.parse(api.lines.findLast((candidate) => candidate.includes('"msg":"request"')) ?? "{}");
  expect(line).toMatchObject({ outcome: "observed", type: "transfer-destination-request", events: 1 });
});

test("a question without a call is answered and kept", async () => {
  const received = await deliver(api.url, message("campaign.predial", "none", { call: undefined }));
  expect(received).toMatchObject({ status: 200, json: { error: "not handled here" } });
  const kept =
    await ledger.sql`select event_type, replayed_at is null as waits from quarantined_deliveries where reason = 'no_call'`;
  expect(kept).toEqual([{ event_type: "campaign.predial", waits: false }]);
});

test("a request for audio gets an empty body, with a call and without", async () => {
  for (const fields of [{}, { call: undefined }]) {
    const received = await deliver(api.url, message("voice-request", "call-voice", fields));
    expect(received).toMatchObject({ status: 200, text: "" });
    expect(received.headers.get("content-type")).toBeNull();
  }
});

test("a message without a call is observed, and not quarantined", async () => {
  const session = message("session.created", "none", { call: undefined, session: { id: "s" } });
  for (let time = 0; time < 2; time += 1) {
    const received = await deliver(api.url, session);
    expect(received).toMatchObject({
      status: 200,
      json: { received: true, outcome: "observed", eventIds: [] },
    });
  }
  const kept = await ledger.sql`select replayed_at is null as waits, payload is not null as kept
    from quarantined_deliveries where event_type = 'session.created'`;
  expect(kept).toEqual([{ waits: false, kept: true }]);
});
