import type { CallEvent } from "@call-ledger/domain";
import { describe, expect, it } from "vitest";
import { body, CALL_ID, flatMessage, TIME, vapiMessage } from "../../test/messages.ts";
import { fixture } from "../../test/read-fixture.ts";
import { readVapi } from "./read.ts";

function callIn(bytes: Uint8Array) {
  const delivery = readVapi(bytes);
  if (delivery.reads !== "call") throw new Error(`reads ${delivery.reads}`);
  return delivery;
}

function eventsIn(bytes: Uint8Array): readonly CallEvent[] {
  return callIn(bytes).events;
}

describe("a status update", () => {
  it.each([
    ["scheduled", "scheduled"],
    ["queued", "queued"],
    ["ringing", "ringing"],
    ["in-progress", "in_progress"],
    ["forwarding", "forwarding"],
    ["IN_PROGRESS", "in_progress"],
    ["In Progress", "in_progress"],
    ["answered", "in_progress"],
  ])("%s is the phase %s", (status, phase) => {
    expect(eventsIn(vapiMessage("status-update", { status }))).toEqual([
      { kind: "call.progressed", type: "status-update", occurredAt: TIME, phase },
    ]);
  });

  it("uses the message, never the snapshot", () => {
    const call = { id: CALL_ID, status: "ringing", endedReason: null };
    const message = { status: "ended", endedReason: "customer-busy", call };
    expect(eventsIn(vapiMessage("status-update", message))).toEqual([
      {
        kind: "call.ended",
        type: "status-update",
        occurredAt: TIME,
        ending: { reason: "customer-busy", outcome: "busy" },
      },
    ]);
  });

  it.each(["call", "artifact"])("ends with the reason in its %s if it has none itself", (place) => {
    const fields = { call: { id: CALL_ID }, [place]: { id: CALL_ID, endedReason: "customer-busy" } };
    const [event] = eventsIn(vapiMessage("status-update", { status: "ended", ...fields }));
    expect(event).toMatchObject({ kind: "call.ended", ending: { reason: "customer-busy" } });
  });

  it.each([
    ["completed", "completed"],
    ["busy", "busy"],
    ["no-answer", "no_answer"],
    ["failed", "failed"],
    ["canceled", "canceled"],
  ])("ends by a carrier's word: %s", (status, outcome) => {
    const [event] = eventsIn(vapiMessage("status-update", { status }));
    expect(event).toMatchObject({ kind: "call.ended", ending: { reason: status, outcome } });
  });

  it.each([[undefined], [null], [""], [{ code: 1 }]])("ends without a reason if it is %j", (endedReason) => {
    const [event] = eventsIn(vapiMessage("status-update", { status: "ended", endedReason }));
    expect(event).toMatchObject({ kind: "call.ended", ending: null });
  });

  it("cuts a reason that is too long", () => {
    const [event] = eventsIn(
      vapiMessage("status-update", { status: "ended", endedReason: "error ".repeat(100) }),
    );
    expect(event).toMatchObject({
      ending: { reason: "error ".repeat(34).slice(0, 200).trim(), outcome: "failed" },
    });
  });
});

describe("the time", () => {
  it.each([
    [TIME, TIME],
    [String(TIME), TIME],
    [Math.floor(TIME / 1000), Math.floor(TIME / 1000) * 1000],
    ["soon", null],
    [undefined, null],
  ])("of %j", (timestamp, occurredAt) => {
    expect(eventsIn(vapiMessage("hang", { timestamp }))[0]?.occurredAt).toBe(occurredAt);
  });

  it("of a flat message is unknown, with any sender's clock", () => {
    expect(eventsIn(flatMessage("call.started", { timestamp: TIME }))[0]?.occurredAt).toBeNull();
  });
});

describe("an observation", () => {
  const discriminator = (bytes: Uint8Array) => {
    const [event] = eventsIn(bytes);
    return event?.kind === "call.observed" ? event.discriminator : "no observation";
  };

  it("is distinguished by its content, and by its own id or its time", () => {
    const all = [
      fixture("vapi/14-inbound-user-interrupted.json"),
      fixture("vapi/11-inbound-tool-calls.json"),
      fixture("vapi/13-inbound-hang.json"),
      fixture("vapi/72-legacy-function-call.json"),
      vapiMessage("hang", { timestamp: TIME }),
      vapiMessage("hang", { timestamp: TIME + 1 }),
      vapiMessage("call.artifact.upload", { timestamp: TIME, artifacts: [{ type: "mono-recording" }] }),
      vapiMessage("call.artifact.upload", { timestamp: TIME, artifacts: [{ type: "stereo-recording" }] }),
      vapiMessage("user-interrupted", { turnId: "turn-1" }),
      vapiMessage("user-interrupted", { turnId: "turn-2" }),
      vapiMessage("user-interrupted", { turnId: "turn-2", timestamp: TIME + 1 }),
    ].map(discriminator);
    expect(new Set(all).size).toBe(all.length);
  });

  it("is the same when it comes again with another time and its own id, or with a new signature", () => {
    const tools = (timestamp: number) =>
      discriminator(vapiMessage("tool-calls", { timestamp, toolCallList: [{ id: "a" }] }));
    expect(tools(TIME + 1)).toBe(tools(TIME));
    const upload = (query: string) =>
      discriminator(
        vapiMessage("call.artifact.upload", { artifacts: [{ url: `https://r.test/a.wav?${query}` }] }),
      );
    expect(upload("X-Sig=2")).toBe(upload("X-Sig=1"));
  });

  it("of tool calls whose ids start anew is distinguished by what they ask, and by the messages before", () => {
    const asks = (day: string, messages: readonly object[], list = "messages") =>
      discriminator(
        vapiMessage("tool-calls", {
          toolCallList: [{ id: "call_1", function: { name: "slots", arguments: { day } } }],
          artifact: { [list]: messages },
        }),
      );
    const [once, again] = [asks("Monday", [{}]), asks("Monday", [{}])];
    expect(again).toBe(once);
    expect(new Set([once, asks("Tuesday", [{}]), asks("Monday", [{}, {}])]).size).toBe(3);
    const list = "messagesOpenAIFormatted";
    expect(asks("Monday", [{}], list)).not.toBe(asks("Monday", [{}, {}], list));
  });

  it("is distinguished by its content if it has no time", () => {
    const one = discriminator(flatMessage("note", { text: "a" }));
    expect(one).not.toBeNull();
    expect(discriminator(flatMessage("note", { text: "b" }))).not.toBe(one);
    expect(discriminator(flatMessage("note", { text: "a", call: { id: CALL_ID, cost: 1 } }))).toBe(one);
  });

  it("has a discriminator within its limit, for any number of tool calls", () => {
    const toolCallList = Array.from({ length: 50 }, (_, index) => ({ id: `call_${index}` }));
    expect(discriminator(vapiMessage("tool-calls", { toolCallList }))).toHaveLength(43);
  });
});

describe("the flat dialect", () => {
  it("starts in the phase of its call", () => {
    const phases = ["ringing", "in_progress", "in-progress", "queued", "ended", undefined].map((status) => {
      const [event] = eventsIn(flatMessage("call.started", { call: { id: "c", status } }));
      return event?.kind === "call.progressed" ? event.phase : null;
    });
    expect(phases).toEqual(["ringing", "in_progress", "in_progress", "queued", "ringing", "ringing"]);
  });

  it("ends, and reports the duration and cost that it has", () => {
    const [ended, reported] = eventsIn(fixture("flat/04-call.ended.json"));
    const ending = { reason: "customer-ended-call", outcome: "completed" };
    expect(ended).toEqual({ kind: "call.ended", type: "call.ended", occurredAt: null, ending });
    expect(reported).toMatchObject({
      kind: "call.reported",
      report: {
        source: "early",
        costUsd: 0.0304,
        durationSeconds: 17,
        ending,
        revisedAt: null,
        recordings: [],
      },
      sources: [],
    });
    expect(eventsIn(flatMessage("call.ended"))).toHaveLength(1);
  });

  it("ends, and has the report if the end says more than figures", () => {
    for (const said of [
      { transcript: "AI: hi" },
      { summary: "booked" },
      { recordingUrl: "https://a.test/a.wav" },
    ]) {
      const [, reported] = eventsIn(
        flatMessage("call.ended", { call: { id: CALL_ID, duration: 17 }, ...said }),
      );
      expect(reported).toMatchObject({ report: { source: "webhook", durationSeconds: 17 } });
    }
  });

  it("reports", () => {
    const [event] = eventsIn(fixture("flat/05-end-of-call-report.json"));
    expect(event).toMatchObject({
      kind: "call.reported",
      occurredAt: null,
      report: {
        transcript: "AI: Northgate Plumbing, this is Riley.\nUser: Hi, my water heater is leaking.\n",
        costUsd: 0.0304,
        durationSeconds: 17,
        ending: { reason: "customer-ended-call" },
        recordings: [
          { channel: "mono", url: "https://storage.vapi.ai/019ce2a4-6c20-7bb1-8d4e-2f6a9c01d00f-mono.wav" },
        ],
      },
    });
  });

  it("transcribes with the role of its typeless message, the customer's by default", () => {
    const roles = [{ message: { role: "assistant" } }, { role: "bot" }, {}, { message: "?" }].map(
      (fields) => {
        const [event] = eventsIn(flatMessage("call.transcribed", { transcript: "Hi.", ...fields }));
        return event?.kind === "call.transcribed" ? event.segment : null;
      },
    );
    expect(roles).toEqual(
      ["assistant", "bot", "user", "user"].map((role) => ({ role, text: "Hi.", byCaller: role === "user" })),
    );
  });

  it.each([
    { transcript: { text: "Hi." } },
    { message: { role: "user", content: "Hi." } },
    { transcript: " ", message: { transcript: "Hi." } },
    { transcript: [{ text: "Hi." }] },
  ])("transcribes words in other places: %j", (fields) => {
    expect(eventsIn(flatMessage("call.transcribed", fields))).toMatchObject([{ segment: { text: "Hi." } }]);
    expect(eventsIn(flatMessage("call.transcribed", { message: { role: "user" } }))).toMatchObject([
      { kind: "call.observed" },
    ]);
  });

  it.each([
    [{ transcript: "yes", timestamp: TIME }],
    [{ transcript: "yes", message: { role: "user", timestamp: TIME } }],
    [{ message: { role: "user", content: "yes", time: TIME / 1000 } }],
    [{ transcript: "yes", message: { role: "user", time: 12.3 }, timestamp: TIME }],
  ])("transcribes words with the time at which they were spoken: %j", (fields) =>
    expect(eventsIn(flatMessage("call.transcribed", fields))).toMatchObject([{ occurredAt: TIME }]),
  );

  it("has parts of a transcript that are not stored", () => {
    const part = flatMessage("call.transcribed", { transcript: "Hi", transcriptType: "partial" });
    expect(readVapi(part)).toEqual({ reads: "chatter", type: "call.transcribed" });
  });

  it.each([
    [{ type: "call.started", callId: CALL_ID }],
    [{ message: { type: "call.started", callId: CALL_ID } }],
  ])("can identify its call by the id alone: %j", (fields) => {
    expect(callIn(body(fields)).providerCallId).toBe(CALL_ID);
    const long = JSON.stringify(fields).replace(CALL_ID, "x".repeat(201));
    expect(readVapi(Buffer.from(long))).toMatchObject({ reads: "nothing", reason: "call_id_too_long" });
  });

  it.each([
    [{ type: "call.ended", data: { call: { id: CALL_ID, duration: 5 } } }],
    [{ event: "call.ended", call: { id: CALL_ID, duration: 5 } }],
  ])("comes in other envelopes: %j", (fields) => {
    expect(eventsIn(body(fields)).map(({ kind }) => kind)).toEqual(["call.ended", "call.reported"]);
    expect(callIn(body(fields)).providerCallId).toBe(CALL_ID);
  });

  it("names its call by id alone beside an event", () => {
    expect(callIn(body({ event: "call.started", callId: CALL_ID })).providerCallId).toBe(CALL_ID);
    expect(readVapi(Buffer.from('{"event":"deploy"}'))).toMatchObject({ reason: "unparseable" });
  });

  it.each([
    { recordingUrl: "https://storage.vapi.ai/a-mono.wav" },
    { artifact: { recording: "https://storage.vapi.ai/a-mono.wav" } },
  ])("ends a call with the content of a report: %j", (place) => {
    const said = { transcript: "AI: Hi\nUser: Hello", summary: "Greeted.", durationSeconds: 61, cost: 0.3 };
    const bodies = [
      flatMessage("call.ended", { ...said, ...place }),
      vapiMessage("call.ended", { ...said, ...place }),
    ];
    for (const message of bodies) {
      expect(eventsIn(message)[1]).toMatchObject({
        report: {
          transcript: said.transcript,
          summary: said.summary,
          durationSeconds: 61,
          costUsd: 0.3,
          callerTurns: 1,
          recordings: [{ channel: "mono", url: "https://storage.vapi.ai/a-mono.wav" }],
        },
      });
    }
  });

  it.each([
    [{ status: "no-answer" }, "no_answer"],
    [{ status: "busy", endedReason: "customer-did-not-answer" }, "no_answer"],
    [{ status: "ended" }, undefined],
  ])("may tell the end by the status of the call: %j", (call, outcome) => {
    const [ended] = eventsIn(flatMessage("call.ended", { call: { id: CALL_ID, ...call } }));
    expect(ended?.kind === "call.ended" ? ended.ending?.outcome : null).toBe(outcome);
  });

  it("can be in Vapi's envelope, and then has a time", () => {
    const call = { id: CALL_ID, duration: 5, endedReason: "customer-busy" };
    const events = eventsIn(vapiMessage("call.ended", { call }));
    expect(events.map(({ kind, occurredAt }) => [kind, occurredAt])).toEqual([
      ["call.ended", TIME],
      ["call.reported", TIME],
    ]);
  });
});
