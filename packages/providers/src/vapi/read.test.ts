import { describe, expect, it } from "vitest";
import { CALL_ID, flatMessage, TIME, vapiMessage } from "../../test/messages.ts";
import { eventsIn } from "../../test/read-call.ts";
import { fixture } from "../../test/read-fixture.ts";

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
