import { expect, test } from "vitest";
import { deliver, fixture, message } from "../harness/deliveries.ts";
import { useApiWithoutDatabase } from "../harness/use-api.ts";

const api = useApiWithoutDatabase();

test.each([
  ["conversation-update", fixture("vapi/10-inbound-conversation-update.json")],
  ["speech-update", fixture("vapi/06-inbound-speech-update-started.json")],
  ["transcript", fixture("vapi/08-inbound-transcript-partial.json")],
  ["model-output", message("model-output", "call-1")],
  ["voice-input", message("voice-input", "call-1")],
  ["assistant.speechStarted", message("assistant.speechStarted", "call-1")],
])("chatter is counted and not stored, without a database: %s", async (type, body) => {
  const received = await deliver(api.url, body);
  expect(received.status).toBe(200);
  expect(received.json).toEqual({ received: true, outcome: "observed", eventIds: [] });
  const line = JSON.parse(api.lines.findLast((candidate) => candidate.includes('"msg":"request"')) ?? "{}");
  expect(line).toMatchObject({
    status: 200,
    outcome: "observed",
    type,
    events: 0,
    route: "/api/webhooks/vapi",
  });
});
