import { describe, expect, it } from "vitest";
import { body, CALL_ID, flatMessage, TIME, vapiMessage } from "../../test/messages.ts";
import { callIn, eventsIn } from "../../test/read-call.ts";
import { fixture } from "../../test/read-fixture.ts";
import { readVapi } from "./read.ts";

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
