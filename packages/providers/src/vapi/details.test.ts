import type { CallEvent } from "@call-ledger/domain";
import { describe, expect, it } from "vitest";
import { flatMessage, vapiMessage } from "../../test/messages.ts";
import { fixture } from "../../test/read-fixture.ts";
import { MAX_EVENT_DETAILS, MAX_REPORT_DETAILS } from "./details.ts";
import { readVapi } from "./read.ts";

type Fields = Readonly<Record<string, unknown>>;

function eventIn(bytes: Uint8Array): CallEvent {
  const delivery = readVapi(bytes);
  const event = delivery.reads === "call" ? delivery.events[0] : undefined;
  if (event === undefined) throw new Error("no event was read");
  return event;
}

function reportDetails(fields: Fields) {
  const event = eventIn(vapiMessage("end-of-call-report", fields));
  return event.kind === "call.reported" ? event.report.details : "no report";
}

function eventDetails(type: string, fields: Fields) {
  const event = eventIn(vapiMessage(type, fields));
  return event.kind === "call.observed" ? event.details : "no observation";
}

describe("the details of a report", () => {
  it("are facts without a column: consent, scorecards, variables, metadata, ids of other systems, transfers", () => {
    const scorecards = { a: { name: "Politeness", score: 4 } };
    const compliance = { recordingConsent: { type: "verbal", grantedAt: "2026-11-20T10:00:05Z" } };
    const transfers = [{ mode: "blind", status: "completed" }];
    const destination = { type: "number", number: "+12025550188", description: "Dr. Chen" };
    const fields = {
      call: {
        id: "c",
        type: "inboundPhoneCall",
        customer: { number: "+1", name: "Maria", externalId: "crm-7" },
        assistantOverrides: { metadata: { branch: "north" }, variableValues: { first_name: "Robin" } },
        campaignId: "campaign-1",
      },
      assistant: { name: "Riley", metadata: { branch: "south", shift: "day" }, model: { messages: [{}] } },
      artifact: { scorecards, transfers, variableValues: { language: "en", call: { id: "c" } }, nodes: [] },
      compliance,
      destination,
    };
    expect(reportDetails(fields)).toEqual({
      scorecards,
      compliance,
      transfers,
      destination,
      campaignId: "campaign-1",
      customer: { externalId: "crm-7" },
      metadata: { branch: "north", shift: "day" },
      variableValues: { first_name: "Robin", language: "en" },
    });
  });

  it("of a captured report contain its variables, and no secret, prompt or link", () => {
    const event = eventIn(fixture("captured/report-of-silence.json"));
    const details = event.kind === "call.reported" ? event.report.details : null;
    expect(details).toMatchObject({ variableValues: { first_name: "Robin" }, assistantVersion: "v4" });
    expect(JSON.stringify(details)).not.toMatch(/invented|You remind people|https:/);
  });

  it("of one part in two places are joined by key", () => {
    const [tone, facts] = [
      { name: "Tone", score: 4 },
      { name: "Facts", score: 5 },
    ];
    const call = { id: "c", artifact: { scorecards: { tone: { ...tone, score: 1 }, facts } } };
    const artifact = { scorecards: { tone, facts: { name: "Facts", score: null } } };
    expect(reportDetails({ call, artifact })).toMatchObject({ scorecards: { tone, facts } });
  });

  it.each([{}, { compliance: {}, artifact: { transfers: [], scorecards: {} } }])("of %j are none", (fields) =>
    expect(reportDetails(fields)).toBeNull(),
  );

  it.each([
    [{ metadata: "crm-1" }, "crm-1"],
    [{ call: { id: "c", metadata: [{ id: "crm-1" }] } }, [{ id: "crm-1" }]],
    [
      { metadata: "crm-1", call: { id: "c", assistantOverrides: { metadata: { id: "crm-2" } } } },
      { id: "crm-2" },
    ],
  ])("have metadata of any form, as in %j", (fields, metadata) =>
    expect(reportDetails(fields)).toEqual({ metadata }),
  );

  it("are bounded in size: the largest parts are dropped, and named", () => {
    const long = "x".repeat(MAX_REPORT_DETAILS - 100);
    const details = reportDetails({
      artifact: { variableValues: { long } },
      compliance: { long },
      campaignId: "c",
    });
    expect(details).toEqual({ campaignId: "c", compliance: { long }, dropped: ["variableValues"] });
  });
});

describe("the details of a report with empty fields", () => {
  it.each([[null], [""], [[]], [{}]])("are those of another place where the message has %j", (empty) => {
    const facts = { transfers: [{ mode: "blind" }], scorecards: { a: { score: 4 } }, campaign: "spring" };
    const none = Object.fromEntries(Object.keys(facts).map((name) => [name, empty]));
    expect(reportDetails({ ...none, artifact: facts })).toEqual(facts);
    expect(reportDetails({ ...none, artifact: none, call: { id: "c", ...facts } })).toEqual(facts);
  });
});

describe("the details of a report with fields in other forms", () => {
  it.each([
    [{ artifact: "the caller hung up" }, { artifact: "the caller hung up" }],
    [{ analysis: "wants a cleaning" }, { analysis: "wants a cleaning" }],
    [{ analysis: [{ summary: "1" }, { summary: "2" }] }, { analysis: [{ summary: "1" }, { summary: "2" }] }],
    [{ startedAt: "2026-02-30T10:00:00Z" }, { startedAt: "2026-02-30T10:00:00Z" }],
    [{ durationMinutes: "1:07" }, { durationMinutes: "1:07" }],
    [{ artifact: { messages: "AI: hello" } }, { messages: "AI: hello" }],
    [{ endedReason: { code: 480 } }, { endedReason: { code: 480 } }],
    [{ call: { id: "c", analysis: "wants a cleaning" } }, { analysis: "wants a cleaning" }],
  ])("keep what no column can have, as in %j", (fields, details) =>
    expect(reportDetails(fields)).toEqual(details),
  );

  it.each([
    { analysis: "N/A", summary: 0, startedAt: " ", endedAt: null, artifact: "", messages: [] },
    { analysis: { summary: "read" }, startedAt: "2026-11-20T10:00:00Z", durationSeconds: "67" },
    { cost: "about 5 cents" },
  ])("do not repeat what is read, and have no costs, as in %j", (fields) =>
    expect(reportDetails(fields)).toBeNull(),
  );

  it("have the steps of a workflow and what each collected, without the words of the conversation", () => {
    const step = { nodeName: "collect", variableValues: { zip: "3011" } };
    const artifact = { nodes: [{ ...step, messages: [{ role: "user", message: "3011" }] }] };
    expect(reportDetails({ artifact })).toEqual({ nodes: [step] });
    expect(reportDetails({ call: { id: "c", artifact } })).toEqual({ nodes: [step] });
  });
});

describe("the details of a report that is too large", () => {
  it("have the smallest fields of a large part, and name the others", () => {
    const long = "x".repeat(MAX_REPORT_DETAILS);
    const details = reportDetails({ artifact: { variableValues: { long, name: "Robin" } }, campaignId: "c" });
    expect(details).toEqual({
      campaignId: "c",
      variableValues: { name: "Robin" },
      dropped: ["variableValues.long"],
    });
  });

  it("have the rest of a list of which an element is too large, in its order", () => {
    const call = (id: string, length: number) => ({
      id,
      function: { name: "book", arguments: "x".repeat(length) },
    });
    const toolCallList = [call("b", 100), call("c", MAX_EVENT_DETAILS), call("a", 10)];
    expect(eventDetails("tool-calls", { toolCallList })).toEqual({
      toolCallList: [call("b", 100), { id: "c", function: { name: "book" } }, call("a", 10)],
      dropped: ["toolCallList.1.function.arguments"],
    });
  });

  it("lose no room to fields of which nothing fits", () => {
    const long = "x".repeat(MAX_REPORT_DETAILS);
    const parts = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`${"n".repeat(300)}${n}`, { long }]),
    );
    const variableValues = { ...parts, kept: { long, name: "y".repeat(10_000) } };
    expect(reportDetails({ artifact: { variableValues } })).toMatchObject({
      variableValues: { kept: { name: "y".repeat(10_000) } },
    });
  });

  it.each([1, 10, 100, 1_000])("keep to the max length with %i fields", (count) => {
    const value = "y".repeat(40_000 / count);
    const variableValues = Object.fromEntries(Array.from({ length: count }, (_, n) => [`v${n}`, value]));
    for (const fields of [
      { artifact: { variableValues } },
      { compliance: variableValues, campaignId: "c" },
    ]) {
      const details = reportDetails(fields);
      const kept = { ...(typeof details === "object" ? details : null), dropped: [] };
      expect(JSON.stringify(kept).length).toBeLessThan(MAX_REPORT_DETAILS + 20);
    }
  });
});

it("has what the carrier says beside its ids", () => {
  const transport = {
    provider: "twilio",
    callSid: "CA1",
    callToken: "token-of-this-call",
    forwardedFrom: "+12025550177",
  };
  const call = { id: "c", transport };
  expect(reportDetails({ call })).toEqual({ transport: { forwardedFrom: "+12025550177" } });
  const leg = { callLegId: "l", callUrl: "https://a.test" };
  expect(reportDetails({ call: { id: "c", transport: leg } })).toEqual({ transport: { callLegId: "l" } });
  const status = eventIn(vapiMessage("status-update", { status: "ringing", call }));
  expect(status).toMatchObject({ details: { transport: { forwardedFrom: "+12025550177" } } });
  const other = { ...call, transport: { provider: "telnyx", callLegId: "l" } };
  const plain = eventIn(vapiMessage("status-update", { status: "ringing", call: other }));
  expect(plain).not.toHaveProperty("details");
});

describe("the details of an observation", () => {
  it("are the tool calls with their arguments, without the definitions of tools", () => {
    const toolCall = { id: "a", type: "function", function: { name: "book", arguments: '{"day":1}' } };
    const tool = { type: "function", server: { url: "https://hooks.example.test" }, toolCall };
    const expected = { toolCallList: [toolCall] };
    expect(eventDetails("tool-calls", { toolCallList: [toolCall], toolWithToolCallList: [tool] })).toEqual(
      expected,
    );
    expect(eventDetails("tool-calls", { toolWithToolCallList: [tool] })).toEqual(expected);
  });

  it("are a status that is not a phase, and the destination of a transfer", () => {
    expect(eventDetails("status-update", { status: "deletion-failed" })).toEqual({
      status: "deletion-failed",
    });
    const destination = { type: "number", number: "+12025550188" };
    expect(eventDetails("transfer-update", { destination })).toEqual({ destination });
  });

  it("of a status are what it says beside the state", () => {
    const detailsOf = (fields: Fields) => {
      const event = eventIn(vapiMessage("status-update", fields));
      return event.kind === "call.progressed" || event.kind === "call.ended" ? event.details : "no status";
    };
    const inboundPhoneCallDebuggingArtifacts = { assistantRequestError: "timeout of 7500ms exceeded" };
    expect(
      detailsOf({
        status: "ended",
        endedReason: "assistant-request-failed",
        inboundPhoneCallDebuggingArtifacts,
      }),
    ).toEqual({ inboundPhoneCallDebuggingArtifacts });
    const destination = { type: "number", number: "+12025550177", description: "Dispatch desk" };
    const forwarding = {
      status: "forwarding",
      destination,
      summary: "Asked for a human.",
      transcript: "AI: Hi",
    };
    expect(detailsOf(forwarding)).toEqual({ destination, summary: "Asked for a human." });
    const usual = {
      customer: { number: "+12025550143" },
      assistantVersion: "v4",
      artifact: { messages: [{}] },
    };
    expect(detailsOf({ status: "in-progress", ...usual })).toBeUndefined();
  });

  it("of the first and the last status have the order of the call, because it may never have a report", () => {
    const order = {
      campaignId: "camp-7",
      customer: { externalId: "lead-88121" },
      metadata: { branch: "north" },
      variableValues: { first_name: "Robin" },
    };
    const { campaignId, metadata, variableValues } = order;
    const customer = { number: "+12025550143", name: "Robin Example", externalId: "lead-88121" };
    const call = { id: "c", campaignId, customer, assistantOverrides: { metadata, variableValues } };
    const artifact = { variableValues: { now: "Aug 29" } };
    const detailsOf = (status: string) => eventIn(vapiMessage("status-update", { status, call, artifact }));
    for (const status of ["scheduled", "queued", "ended"]) {
      expect(detailsOf(status)).toMatchObject({ details: order });
      expect(JSON.stringify(detailsOf(status))).not.toContain("Aug 29");
    }
    expect(detailsOf("ringing")).not.toHaveProperty("details");
    for (const type of ["call.started", "call.ended"]) {
      expect(eventIn(flatMessage(type, { call: { ...call, status: "queued" } }))).toMatchObject({
        details: order,
      });
    }
    const ended = { ...call, status: "ended", duration: 62 };
    const delivery = readVapi(flatMessage("call.ended", { call: ended }));
    expect(delivery).toMatchObject({ events: [{ kind: "call.ended" }, { report: { details: order } }] });
    expect(delivery.reads === "call" && delivery.events[0]).not.toHaveProperty("details");
  });

  it("name the assistants of a handoff, without their configuration", () => {
    const [from, to] = [{ name: "Riley", id: "a1" }, { name: "Dana" }];
    const model = { provider: "openai" };
    expect(
      eventDetails("transfer-update", { fromAssistant: { ...from, model }, toAssistant: { ...to, model } }),
    ).toEqual({ fromAssistant: from, toAssistant: to });
    expect(eventDetails("assistant.started", { newAssistant: { ...to, model } })).toEqual({
      newAssistant: to,
    });
    expect(eventDetails("assistant.started", { newAssistant: { model } })).toBeNull();
  });

  it("are null if the message has only its type, and are bounded in size", () => {
    expect(eventDetails("hang", {})).toBeNull();
    expect(eventDetails("note", { text: "x".repeat(MAX_EVENT_DETAILS) })).toEqual({ dropped: ["text"] });
  });
});
