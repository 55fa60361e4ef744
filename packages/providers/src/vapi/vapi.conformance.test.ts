import type { CallEvent } from "@call-ledger/domain";
import { expect, it } from "vitest";
import { body, edited, flatMessage, TIME, vapiMessage } from "../../test/messages.ts";
import { fixture, fixtureNames } from "../../test/read-fixture.ts";
import type { Question } from "../common/provider-adapter.ts";
import type { DeliveryCase } from "../testing/provider-conformance.ts";
import { describeProvider } from "../testing/provider-conformance.ts";
import { signVapi } from "./sign.ts";
import { vapi } from "./vapi.provider.ts";

type Kind = CallEvent["kind"];

function call(name: string, bytes: Uint8Array, kinds: Kind[], asks: Question["asks"] | null = null) {
  return { name, body: bytes, reads: "call", kinds, asks } as const;
}

function chatter(name: string, bytes: Uint8Array): DeliveryCase {
  return { name, body: bytes, reads: "chatter", kinds: [], asks: null };
}

function nothing(name: string, bytes: Uint8Array, asks: Question["asks"] | null = null): DeliveryCase {
  return { name, body: bytes, reads: "nothing", kinds: [], asks };
}

const PROGRESSED: Kind[] = ["call.progressed"];
const ENDED: Kind[] = ["call.ended"];
const OBSERVED: Kind[] = ["call.observed"];
const REPORTED: Kind[] = ["call.reported"];
const TRANSCRIBED: Kind[] = ["call.transcribed"];

/** The expected result of each recorded delivery, by the end of its name. */
const RECORDED: readonly (readonly [RegExp, (name: string, bytes: Uint8Array) => DeliveryCase])[] = [
  [/(speech-update-.*|transcript-partial|conversation-update)$/, chatter],
  [/status-update-ended$/, (name, bytes) => call(name, bytes, ENDED)],
  [/status-update-[a-z-]+$/, (name, bytes) => call(name, bytes, PROGRESSED)],
  [/end-of-call-report$/, (name, bytes) => call(name, bytes, REPORTED)],
  [/(transcript-final|call\.transcribed)$/, (name, bytes) => call(name, bytes, TRANSCRIBED)],
  [/assistant-request$/, (name, bytes) => call(name, bytes, OBSERVED, "agent")],
  [/tool-calls$/, (name, bytes) => call(name, bytes, OBSERVED, "tools")],
  [/function-call$/, (name, bytes) => call(name, bytes, OBSERVED, "function")],
  [/call\.started$/, (name, bytes) => call(name, bytes, PROGRESSED)],
  [/call\.ended$/, (name, bytes) => call(name, bytes, [...ENDED, ...REPORTED])],
  [
    /(assistant-started|hang|user-interrupted|artifact-upload|transfer-update|unknown-message-type)$/,
    (name, bytes) => call(name, bytes, OBSERVED),
  ],
];

const recorded = [...fixtureNames("vapi"), ...fixtureNames("flat")].map((path) => {
  const name = path.replace(/\.json$/, "");
  const known = RECORDED.find(([ending]) => ending.test(name));
  if (known === undefined) throw new Error(`there is no expected result for ${path}`);
  return known[1](name, fixture(path));
});

const ASKED = [
  "transfer-destination-request",
  "handoff-destination-request",
  "knowledge-base-request",
  "call.endpointing.request",
];
const OBSERVABLE = [
  "phone-call-control",
  "language-change-detected",
  "call.deleted",
  "call.delete.failed",
  "session.updated",
];
const IGNORED = [
  "speech-update",
  "model-output",
  "voice-input",
  "assistant.speechStarted",
  "simulation.run.started",
];
const CALLLESS = [
  "session.created",
  "session.updated",
  "session.deleted",
  "chat.created",
  "chat.deleted",
  "campaign.started",
];

const described: readonly DeliveryCase[] = [
  ...["scheduled", "in_progress"].map((status) =>
    call(`status ${status}`, vapiMessage("status-update", { status }), PROGRESSED),
  ),
  ...["not-found", "deletion-failed", "napping", null].map((status) =>
    call(`status ${status}`, vapiMessage("status-update", { status }), OBSERVED),
  ),
  call("transcript", vapiMessage("transcript", { transcriptType: "final", transcript: "Hi" }), TRANSCRIBED),
  call("transcript without words", vapiMessage("transcript", { transcript: "" }), OBSERVED),
  chatter("filtered partial", vapiMessage('transcript[transcriptType="partial"]', { transcript: "Hi" })),
  ...OBSERVABLE.map((type) => call(type, vapiMessage(type), OBSERVED)),
  ...IGNORED.map((type) => chatter(type, vapiMessage(type))),
  chatter("simulation without a call", vapiMessage("simulation.run.ended", { call: undefined })),
  ...CALLLESS.map((type) => nothing(`${type} without a call`, vapiMessage(type, { call: undefined }))),
  ...ASKED.map((type) => call(type, vapiMessage(type), OBSERVED, "other")),
  call("voice-request", vapiMessage("voice-request"), OBSERVED, "audio"),
  nothing("campaign.predial", vapiMessage("campaign.predial", { call: undefined }), "other"),
  nothing("assistant-request without a call", vapiMessage("assistant-request", { call: null }), "agent"),
  nothing("hang with too long an id", vapiMessage("hang", { call: { id: "x".repeat(201) } })),
  call("hang with an id that is a number", vapiMessage("hang", { call: { id: 7 } }), OBSERVED),
  call("call.started in Vapi's envelope", vapiMessage("call.started"), PROGRESSED),
  call("flat unknown type", flatMessage("call.paused"), OBSERVED),
  chatter("flat simulation", body({ type: "simulation.run.started", simulationId: "s", isSimulation: true })),
  nothing("no type", body({ message: { call: { id: "c" } } })),
  nothing("a list", body([{ id: "c" }])),
  nothing("no JSON", Buffer.from('{"message": {"type": "hang"')),
];

const REPORT = "vapi/16-inbound-end-of-call-report.json";
const TOOLS = "vapi/11-inbound-tool-calls.json";
const LATER: readonly [string, string] = ["1773327871902", "1773327999999"];

describeProvider(vapi, {
  sign: (bytes, secret, now) => ({
    method: "POST",
    url: "https://ledger.example.test/api/webhooks/vapi",
    headers: signVapi(bytes, secret, now),
    body: bytes,
  }),
  account: (secrets) => ({ webhookSecrets: secrets, verification: null }),
  windowMs: 5 * 60_000,
  deliveries: [...recorded, ...described],
  redeliveries: [
    {
      name: "a report with other presigned URLs, later",
      one: fixture(REPORT),
      other: edited(REPORT, LATER, ["aaaa1111", "bbbb2222"], ["2026-03-12T16:04:31", "2026-03-12T16:05:31"]),
    },
    {
      name: "a report whose recording URLs are signed",
      one: edited(REPORT, ["-mono.wav", "-mono.wav?X-Amz-Signature=1"]),
      other: edited(REPORT, ["-mono.wav", "-mono.wav?X-Amz-Signature=2#x"], LATER),
    },
    {
      name: "tool calls at another time",
      one: fixture(TOOLS),
      other: edited(TOOLS, ["1773327851755", "1773327851999"]),
    },
    {
      name: "both spellings of a final transcript",
      one: vapiMessage("transcript", { role: "user", transcriptType: "final", transcript: "Yes." }),
      other: vapiMessage('transcript[transcriptType="final"]', { role: "user", transcript: "Yes." }),
    },
    {
      name: "a flat function call, sent again",
      one: flatMessage("function-call", { functionCall: { name: "book", parameters: { a: 1, b: 2 } } }),
      other: flatMessage("function-call", { functionCall: { parameters: { b: 2, a: 1 }, name: "book" } }),
    },
  ],
  distinct: [
    {
      name: "a richer report",
      one: fixture(REPORT),
      other: edited(REPORT, ['"summary": "Caller', '"summary": "The caller']),
    },
    { name: "two hangs", one: vapiMessage("hang"), other: vapiMessage("hang", { timestamp: TIME + 1 }) },
    {
      name: "the same words twice",
      one: vapiMessage("transcript", { transcript: "Yes." }),
      other: vapiMessage("transcript", { transcript: "Yes.", timestamp: TIME + 900 }),
    },
    {
      name: "two flat function calls",
      one: flatMessage("function-call", { functionCall: { name: "book", parameters: { day: 1 } } }),
      other: flatMessage("function-call", { functionCall: { name: "book", parameters: { day: 2 } } }),
    },
    {
      name: "two tool calls with an id that is counted anew",
      one: vapiMessage("tool-calls", { toolCallList: [{ id: "call_1", name: "slots" }] }),
      other: vapiMessage("tool-calls", {
        timestamp: TIME + 1,
        toolCallList: [{ id: "call_1", name: "slots" }],
      }),
    },
    {
      name: "two tool calls",
      one: fixture(TOOLS),
      other: edited(TOOLS, ["call_fx01aVQ", "call_fx02aVQ"]),
    },
  ],
  secretTexts: ["REDACTED-fixture-not-a-real-token", "X-Amz-Signature", "phone-call-websocket"],
});

it("has an expected result for each recorded delivery", () =>
  expect(recorded.length).toBeGreaterThanOrEqual(40));
