import { describe, expect, it } from "vitest";
import { edited } from "../../test/messages.ts";
import { reported, reportOf } from "../../test/vapi-report.ts";

const FIXTURE = "vapi/16-inbound-end-of-call-report.json";

describe("a fact of a report that can be in several places", () => {
  it("have the summary of a structured output with that name if the analysis has none", () => {
    const outputs = (name: string, result: unknown) => ({
      artifact: { structuredOutputs: { a: { name, result } } },
    });
    expect(reportOf(outputs("Call Summary", "Wants a cleaning.")).summary).toBe("Wants a cleaning.");
    expect(reportOf({ ...outputs("summary", "b"), analysis: { summary: "a" } }).summary).toBe("a");
    expect(reportOf({ ...outputs("summary", "b"), analysis: { summary: " " } }).summary).toBe("b");
    expect(reportOf(outputs("Summary", { text: "b" })).summary).toBeNull();
    expect(reportOf(outputs("Summary", ["b", "c"])).summary).toBe("b\nc");
    expect(reportOf(outputs("Consummary", "b")).summary).toBeNull();
    expect(reportOf(outputs("call_summary", "b")).summary).toBe("b");
    expect(reportOf(outputs("callSummary", { summary: "b" })).summary).toBe("b");
    const summaryAmong = (structuredOutputs: unknown) =>
      reportOf({ artifact: { structuredOutputs } }).summary;
    expect(summaryAmong([{ id: "a", name: "Call Summary", result: "b" }])).toBe("b");
    expect(summaryAmong({ callSummary: { result: "b" } })).toBe("b");
    expect(summaryAmong({ summary: "b" })).toBe("b");
    const others = Object.fromEntries(Array.from({ length: 200 }, (_, place) => [`k${place}`, "a"]));
    expect(summaryAmong({ ...others, summary: "b" }), "only the first 200 are searched").toBeNull();
    expect(reportOf(outputs("Call Summary", '{"summary":"b"}')).summary).toBe("b");
  });

  it("have the summary inside of another structured output, if it is that of the call", () => {
    const summaryWith = (result: unknown, others = {}) =>
      reportOf({ artifact: { structuredOutputs: { a: { name: "Call Data", result }, ...others } } }).summary;
    expect(summaryWith({ intent: "book", summary: "b" })).toBe("b");
    expect(summaryWith({ callSummary: "b" })).toBe("b");
    expect(summaryWith('{"call_summary":"b"}')).toBe("b");
    expect(summaryWith({ order_summary: "two chairs" })).toBeNull();
    expect(summaryWith({ summary: "b" }, { z: { name: "Summary", result: "a" } })).toBe("a");
    expect(summaryWith({ summary: "b" }, { z: { name: "Summary", result: null } })).toBe("b");
  });

  it("have the success of a structured output that evaluates it if the analysis does not", () => {
    const structuredOutputs = { a: { name: "Success Evaluation", result: true } };
    expect(reportOf({ artifact: { structuredOutputs } }).analysis).toEqual({
      successEvaluation: true,
      structuredOutputs,
    });
    const analysis = { successEvaluation: "false" };
    expect(reportOf({ artifact: { structuredOutputs }, analysis }).analysis).toMatchObject(analysis);
    expect(reportOf({ structuredOutputs }).analysis).toMatchObject({ structuredOutputs });
    const b = { name: "Mood", result: "good" };
    expect(reportOf({ structuredOutputs, artifact: { structuredOutputs: { b } } }).analysis).toMatchObject({
      structuredOutputs: { ...structuredOutputs, b },
    });
  });

  it("come from a snapshot without an end too", () => {
    const artifact = { transcript: "snapshot", recordingUrl: "https://r.test/a.wav" };
    const call = { id: "c", cost: 0.12, endedReason: "customer-busy", analysis: { summary: "s" }, artifact };
    expect(reportOf({ call })).toMatchObject({
      transcript: "snapshot",
      summary: "s",
      costUsd: 0.12,
      ending: { reason: "customer-busy" },
      recordings: [{ channel: "mono", url: "https://r.test/a.wav" }],
    });
    const atTheBeginning = { id: "c", cost: 0, duration: 0, endedReason: null, status: "queued" };
    const silent = { costUsd: null, durationSeconds: null, ending: null };
    expect(reportOf({ call: atTheBeginning })).toMatchObject(silent);
  });

  it("have a transcript that is a list of turns as text, and as messages if there are none", () => {
    const turns = [
      { role: "assistant", content: "Hi" },
      { speaker: "Dana", text: "Hello" },
      { role: "user", message: "" },
      "Bye",
    ];
    const { transcript, messages } = reportOf({ artifact: { transcript: turns } });
    expect(transcript).toBe("AI: Hi\nDana: Hello\nBye");
    expect(messages).toEqual(turns.slice(0, 3));
    expect(reportOf({ transcript: turns, messages: [{ role: "bot" }] }).messages).toEqual([{ role: "bot" }]);
    expect(reportOf({ transcript: [], artifact: { transcript: "text" } }).transcript).toBe("text");
    expect(reportOf({ transcript: "text", artifact: { transcript: " \n" } }).transcript).toBe("text");
    const spoken = [
      { speaker: "System", text: "You are" },
      { role: "user", content: [{ type: "text", text: "Hi" }] },
      { role: "assistant", utterance: "Hello" },
    ];
    expect(reportOf({ transcript: spoken })).toMatchObject({
      transcript: "User: Hi\nAI: Hello",
      callerTurns: 1,
    });
  });

  it.each([
    [{ cost: 0.05, costBreakdown: { total: 0.07 } }, 0.05],
    [{ costBreakdown: { total: 0.07 } }, 0.07],
    [{ cost: 0, costBreakdown: { total: 0.07 } }, 0.07],
    [{ costs: [{ type: "model", cost: 0.03 }, { type: "vapi", cost: 0.04 }, null] }, 0.07],
    [{ cost: 0, costBreakdown: { total: 0 } }, 0],
    [{ cost: 0, call: { id: "c", endedAt: "2026-03-12T15:04:20Z", cost: 0.07 } }, 0.07],
    [{ costs: [{ type: "model", cost: -1 }] }, null],
    [{ cost: "7e-2" }, 0.07],
    [{ cost: { total: 0.07 } }, 0.07],
    [{ cost: "$0.07" }, null],
    [{ cost: "+.07" }, 0.07],
    [{ costs: '[{"cost":0.07}]' }, 0.07],
    [{ artifact: { cost: 0.07 } }, 0.07],
    [{ costBreakdown: { total: "0.07" } }, 0.07],
    [{ costBreakdown: [{ type: "model", cost: 0.07 }] }, 0.07],
    [
      {
        costs: [
          { type: "model", cost: "0.03" },
          { type: "vapi", cost: "0.04" },
        ],
      },
      0.07,
    ],
  ])("have the cost in %j", (fields, costUsd) => expect(reportOf(fields).costUsd).toBe(costUsd));

  it.each([
    [{ call: { id: "c", status: "ended", endedReason: "customer-busy" } }],
    [{ endedReason: "", call: { id: "c", endedReason: "customer-busy" } }],
  ])("have the reason of the end in %j", (fields) => {
    expect(reportOf(fields).ending?.reason).toBe("customer-busy");
  });

  it.each([
    [{ artifact: { endedAt: "2026-03-12T15:04:17Z" } }, { endedAt: Date.UTC(2026, 2, 12, 15, 4, 17) }],
    [{ artifact: { durationSeconds: "17" } }, { durationSeconds: 17 }],
    [{ artifact: { endedReason: "customer-busy" } }, { ending: { outcome: "busy" } }],
    [{ artifact: { analysis: { summary: "s" } } }, { summary: "s", analysis: { summary: "s" } }],
    [{ artifact: { summary: "s" } }, { summary: "s" }],
    [{ analysis: [{ summary: "s" }] }, { summary: "s" }],
    [{ transfers: { destination: "+1", status: "completed" } }, { forwardedTo: "+1" }],
    [{ destination: [{ number: "+1" }] }, { forwardedTo: "+1" }],
    [{ transcript: '[{"role":"user","content":"Hi"}]' }, { transcript: "User: Hi", callerTurns: 1 }],
    [{ messages: [{ role: "user", message: { text: "Hi" } }] }, { callerTurns: 1 }],
    [{ transcript: "AI：Hi\nUser：Hello" }, { callerTurns: 1 }],
    [
      { artifact: { recordingUrl: ["https://r.test/a.wav"] } },
      { recordings: [{ channel: "mono", url: "https://r.test/a.wav" }] },
    ],
    [{ analysis: '{"summary":"s"}' }, { summary: "s", analysis: { summary: "s" } }],
    [
      { analysis: { summary: "s" }, call: { id: "c", analysis: { summary: "t", structuredData: { a: 1 } } } },
      { summary: "s", analysis: { summary: "s", structuredData: { a: 1 } } },
    ],
    [
      { analysis: { successEvaluation: "" }, artifact: { analysis: { successEvaluation: "true" } } },
      { analysis: { successEvaluation: "true" } },
    ],
    [
      {
        analysis: { successEvaluation: "true" },
        call: { id: "c", artifact: { structuredOutputs: { a: { name: "Call summary", result: "s" } } } },
      },
      { summary: "s", analysis: { successEvaluation: "true", structuredOutputs: { a: { result: "s" } } } },
    ],
  ])("have what stands in the artifact or in JSON of its own, as in %j", (fields, said) => {
    expect(reportOf(fields)).toMatchObject(said);
  });

  it.each([
    [
      {
        turns: [
          { role: "assistant", content: "Hi" },
          { role: "user", content: "Hello" },
        ],
      },
    ],
    [{ 0: { role: "bot", message: "Hi" }, 1: { speaker: "Customer", text: "Hello" } }],
  ])("have a transcript that is an object of turns: %j", (transcript) => {
    expect(reportOf({ artifact: { transcript } })).toMatchObject({
      transcript: "AI: Hi\nUser: Hello",
      callerTurns: 1,
    });
  });

  it("have the conversation in OpenAI's form if there is no other", () => {
    const messagesOpenAIFormatted = [{ role: "tool", content: "NG-4471" }];
    expect(reportOf({ artifact: { messagesOpenAIFormatted } }).messages).toEqual(messagesOpenAIFormatted);
  });

  it("have the call's destination: the report's own, else the last successful transfer, else the last attempt", () => {
    const to = (number: string, status: string) => ({ destination: { type: "number", number }, status });
    const transfers = [to("+1", "failed"), to("+2", "completed"), to("+3", "failed")];
    const destination = { type: "number", number: "+4" };
    expect(reportOf({ artifact: { transfers } }).forwardedTo).toBe("+2");
    expect(reportOf({ artifact: { transfers: transfers.toSpliced(1, 1) } }).forwardedTo).toBe("+3");
    expect(reportOf({ artifact: { transfers }, destination }).forwardedTo).toBe("+4");
    expect(reportOf({ call: { id: "c", destination } }).forwardedTo).toBe("+4");
  });
});

describe("a word instead of a value", () => {
  it.each(["N/A", "null", "undefined", "Unknown", " - ", "{{summary}}"])("such as %j is none", (word) => {
    const report = reportOf({
      transcript: word,
      summary: word,
      analysis: { summary: word, structuredData: word, successEvaluation: "true" },
      destination: { number: word },
      artifact: { transcript: word, recordingUrl: word },
    });
    expect(report).toMatchObject({ transcript: null, summary: null, forwardedTo: null, recordings: [] });
    expect(report.analysis).toEqual({ successEvaluation: "true" });
  });

  it("does not hide the value of the older place", () => {
    const report = {
      transcript: "AI: Hi",
      artifact: { transcript: "N/A" },
      summary: "s",
      analysis: { summary: "N/A" },
    };
    expect(reportOf(report)).toMatchObject({ transcript: "AI: Hi", summary: "s" });
  });
});

describe("a report's fields", () => {
  it("are revised when the structured outputs are", () => {
    const [endedAt, later] = ["2026-03-12T15:04:20Z", "2026-03-12T18:00:00Z"];
    const artifact = { structuredOutputsLastUpdatedAt: later };
    expect(reportOf({ endedAt, artifact }).revisedAt).toBe(Date.parse(later));
    expect(reportOf({ endedAt }).revisedAt).toBe(Date.parse(endedAt));
    expect(reportOf({}).revisedAt).toBeNull();
  });

  it.each([
    [{ durationSeconds: 16.722 }, 17],
    [{ durationSeconds: "16.4" }, 16],
    [{ durationSeconds: null, durationMs: 9630 }, 10],
    [{ durationSeconds: -1, durationMinutes: 0.2787 }, 17],
    [{ durationSeconds: {} }, null],
  ])("give the duration of %j", (fields, seconds) => {
    expect(reportOf(fields).durationSeconds).toBe(seconds);
  });

  it("are taken from the artifact, or from the top level if it has none", () => {
    const top = { transcript: "top", messages: [{ role: "bot" }], summary: "top" };
    const artifact = { transcript: "artifact", messages: [{ role: "user" }] };
    expect(reportOf({ ...top, artifact, analysis: { summary: "analysis" } })).toMatchObject({
      transcript: "artifact",
      messages: [{ role: "user" }],
      summary: "analysis",
    });
    const empty = { transcript: "", messages: [] };
    expect(reportOf({ ...top, artifact: empty, analysis: { summary: "" } })).toMatchObject(top);
  });

  it("have the list of costs in their breakdown, or instead of it", () => {
    const costs = [{ type: "vapi", cost: 0.01 }];
    expect(reportOf({ costs }).costBreakdown).toEqual(costs);
    expect(reportOf({ costs, costBreakdown: { total: 1 } }).costBreakdown).toEqual({ total: 1, costs });
    expect(reportOf({ costs: [], costBreakdown: {} }).costBreakdown).toBeNull();
  });

  it("of the wrong type are missing, and the others are kept", () => {
    const wrong = {
      endedReason: 7,
      startedAt: {},
      cost: "a lot",
      summary: ["x"],
      analysis: "good",
      messages: "hi",
    };
    expect(reportOf({ ...wrong, transcript: "kept", artifact: "none" })).toMatchObject({
      ending: null,
      startedAt: null,
      costUsd: null,
      summary: null,
      analysis: null,
      messages: null,
      transcript: "kept",
    });
  });

  it("come from a snapshot in call that has an end, if the report has none", () => {
    const [startedAt, endedAt] = ["2026-03-12T15:00:00Z", "2026-03-12T15:01:00Z"];
    const artifact = { transcript: "snapshot", recordingUrl: "https://r.test/a.wav" };
    const call = { id: "c", cost: 0.12, endedReason: "customer-busy", startedAt, endedAt, artifact };
    expect(reportOf({ call, endedReason: "voicemail", transcript: "own" })).toMatchObject({
      transcript: "own",
      costUsd: 0.12,
      startedAt: Date.parse(startedAt),
      endedAt: Date.parse(endedAt),
      revisedAt: Date.parse(endedAt),
      ending: { reason: "voicemail" },
      recordings: [{ channel: "mono", url: "https://r.test/a.wav" }],
    });
  });

  it("lose the characters that cannot be stored", () => {
    const { report } = reported(edited(FIXTURE, ["Great, thank you", "Great\\u0000, \\ud800 thank you"]));
    expect(report.transcript).toContain("Great, \ufffd thank you");
    expect(JSON.stringify(report.messages)).not.toContain("\\u0000");
  });
});
