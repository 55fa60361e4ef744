import { describe, expect, it } from "vitest";
import { body, CALL_ID, TIME } from "../../test/messages.ts";
import { fixture } from "../../test/read-fixture.ts";
import type { ReadCall } from "../common/provider-adapter.ts";
import { readVapi } from "./read.ts";

type Fields = { readonly [name: string]: unknown };

function callIn(json: unknown): ReadCall {
  const read = readVapi(body(json));
  if (read.reads !== "call") throw new Error(`reads ${read.reads}`);
  return read;
}

/** Everything that identifies and describes a delivery, without the form of its payload. */
function saidIn({ type, providerCallId, facts, events, prompts, question }: ReadCall) {
  return { type, providerCallId, facts, events, prompts, question };
}

const text = (value: unknown) => JSON.stringify(value);
const recorded = (path: string): Fields => JSON.parse(Buffer.from(fixture(path)).toString()).message;

const REPORT = recorded("vapi/16-inbound-end-of-call-report.json");
const STATUS = recorded("vapi/04-inbound-status-update-in-progress.json");
const TOOLS = recorded("vapi/11-inbound-tool-calls.json");

const FORMS: readonly (readonly [string, (message: Fields) => unknown])[] = [
  ["a message as text", (message) => ({ message: text(message) })],
  ["a call as text", (message) => ({ message: { ...message, call: text(message.call) } })],
  ["an artifact as text", (message) => ({ message: { ...message, artifact: text(message.artifact) } })],
  ["texts in a text", (message) => ({ message: text({ ...message, call: text(message.call) }) })],
  ["a list with one message", (message) => [{ message }]],
  ["a message in a list", (message) => ({ message: [message] })],
  ["a call in a list", (message) => ({ message: { ...message, call: [message.call] } })],
  ["a message in a message", (message) => ({ message: { message } })],
  ["a type in other letters", (message) => ({ message: { ...message, type: spelled(message.type) } })],
  ...["body", "payload", "data", "event", "detail"].flatMap((name): (typeof FORMS)[number][] => [
    [`in ${name}`, (message) => ({ headers: { "x-vapi-secret": "hush" }, [name]: { message } })],
    [`in ${name} as text`, (message) => ({ type: "webhook", [name]: text({ message }) })],
  ]),
  ["a text in a text", (message) => text(text({ message }))],
  ["in base64", (message) => ({ message: { data: Buffer.from(text({ message })).toString("base64") } })],
  ["in two envelopes", (message) => [{ query: {}, body: { data: { message } } }]],
];

function spelled(type: unknown): string {
  return String(type).toUpperCase().replaceAll("-", "_");
}

describe.each([
  ["a report", REPORT],
  ["a status", STATUS],
  ["tool calls", TOOLS],
  ["a transfer", recorded("vapi/52-forwarded-transfer-update.json")],
  ["a final transcript", recorded("vapi/09-inbound-transcript-final.json")],
])("%s reads the same", (_name, message) => {
  const usual = saidIn(callIn({ message }));
  it.each(FORMS)("%s", (_form, wrapped) => {
    const read = callIn(wrapped(message));
    expect(saidIn(read)).toEqual(usual);
    expect(read.payload).not.toContain("hush");
    const again = saidIn(callIn(JSON.parse(read.payload)));
    expect(again.events.length).toBe(usual.events.length);
    expect({ ...again, events: [], prompts: [] }).toEqual({ ...usual, events: [], prompts: [] });
  });
});

describe("the flat dialect in an envelope reads the same", () => {
  const call = { id: CALL_ID, duration: 62, cost: 0.05, endedReason: "customer-busy" };
  const usual = saidIn(callIn({ type: "call.ended", call }));
  it.each([
    [{ body: { type: "call.ended", call } }],
    [{ type: "call.ended", payload: { call } }],
    [{ event: "call.ended", data: { call } }],
    [{ event: "call_ended", data: text({ call }) }],
    [{ event_type: "CALL.ENDED", call }],
    [{ type: "call.ended", message: { call } }],
    [{ type: "call.ended", call: text(call) }],
    [[{ type: "call.ended", call }]],
  ])("%j", (wrapped) => expect(saidIn(callIn(wrapped))).toEqual(usual));
});

describe("the id of a call", () => {
  const hang = { type: "hang", timestamp: TIME };
  it.each<readonly [unknown, string]>([
    [{ ...hang, call: { id: 42 } }, "42"],
    [{ ...hang, call: 42 }, "42"],
    [{ ...hang, call: CALL_ID }, CALL_ID],
    [{ ...hang, callId: 42 }, "42"],
    [{ ...hang, call_id: CALL_ID }, CALL_ID],
    [{ ...hang, call: { callId: CALL_ID } }, CALL_ID],
  ])("is found in %j", (message, id) => {
    expect(callIn({ message }).providerCallId).toBe(id);
  });

  it("is the same as a number and as text", () => {
    const [number, word] = [{ id: 42 }, { id: "42" }].map((call) => callIn({ message: { ...hang, call } }));
    expect(number?.events).toEqual(word?.events);
  });

  it("keeps all digits, like every integer of a body", () => {
    const digits = "12345678901234567891";
    const read = readVapi(
      Buffer.from(
        `{"message":{"type":"hang","call":{"id":${digits}},"at":1.2345678901234567,"n":[-${digits}]}}`,
      ),
    );
    expect(read).toMatchObject({
      providerCallId: digits,
      payload: `{"message":{"type":"hang","call":{"id":"${digits}"},"at":1.2345678901234567,"n":["-${digits}"]}}`,
    });
  });

  it.each([1.5, true, [], {}, [1, 2], ["a", "b"], "", "null", "undefined", "N/A", "{{call.id}}"])(
    "is not %j",
    (id) => {
      expect(readVapi(body({ message: { ...hang, call: { id } } }))).toMatchObject({ reason: "no_call" });
    },
  );

  it.each([{ call: "x".repeat(201) }, { call_id: "x".repeat(201) }])("is too long in %#", (named) => {
    expect(readVapi(body({ message: { ...hang, ...named } }))).toMatchObject({ reason: "call_id_too_long" });
  });
});

describe("a report of another sender", () => {
  const reportIn = (fields: Fields) => {
    const [event] = callIn({
      message: { type: "end-of-call-report", call: { id: CALL_ID }, ...fields },
    }).events;
    return event?.kind === "call.reported" ? event.report : null;
  };

  it("has parts of the analysis beside it", () => {
    const parts = { structuredData: { day: "Monday" }, successEvaluation: "true" };
    expect(reportIn(parts)?.analysis).toEqual(parts);
    const analysis = { structuredData: { day: "Friday" }, summary: "s" };
    expect(reportIn({ ...parts, analysis })?.analysis).toEqual({ ...parts, ...analysis });
    expect(reportIn({ structuredData: null })?.analysis).toBeNull();
  });

  it("has its transcript as the text in an object", () => {
    const transcript = { text: "AI: Hello\nUser: Bye" };
    expect(reportIn({ artifact: { transcript } })).toMatchObject({
      transcript: transcript.text,
      callerTurns: 1,
    });
  });

  it.each([{ assistant_id: "a-1" }, { call: { id: CALL_ID, assistant_id: "a-1" } }])(
    "names its assistant in %j",
    (fields) => {
      const { facts } = callIn({ message: { type: "hang", call: { id: CALL_ID }, ...fields } });
      expect(facts.providerAgentId).toBe("a-1");
    },
  );

  it("names the assistant that takes over as its destination", () => {
    const destination = { type: "assistant", assistantId: "a-1" };
    const { facts } = callIn({ message: { type: "transfer-update", call: { id: CALL_ID }, destination } });
    expect(facts).toMatchObject({ providerAgentId: "a-1", forwardedTo: null });
  });
});

describe("a body with several messages", () => {
  const message = { type: "hang", call: { id: CALL_ID } };
  it.each([
    [[{ message }, { message }]],
    [{ body: { message }, data: { message } }],
    [[]],
    [[1, { message }]],
  ])("is kept completely, and not read: %j", (bodyOf) => {
    expect(readVapi(body(bodyOf))).toMatchObject({ reason: "unparseable", payload: text(bodyOf) });
  });

  it("is kept beyond the limit for text that is not JSON", () => {
    const long = [{ message }, { message: { ...message, text: "x".repeat(70_000) } }];
    expect(readVapi(body(long))).toMatchObject({ payload: text(long), detail: null });
  });
});

it("is too complex if its texts together exceed the limits of a body", () => {
  const part = text(Array.from({ length: 300_000 }, () => 0));
  const bytes = body({ message: { type: "hang", call: { id: CALL_ID }, customer: part, messages: part } });
  expect(readVapi(bytes)).toMatchObject({ reason: "too_complex" });
});
