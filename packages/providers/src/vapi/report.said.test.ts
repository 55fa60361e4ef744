import type { CallEvent } from "@call-ledger/domain";
import { describe, expect, it } from "vitest";
import { vapiMessage } from "../../test/messages.ts";
import { readVapi } from "./read.ts";

function reported(bytes: Uint8Array): Extract<CallEvent, { kind: "call.reported" }> {
  const delivery = readVapi(bytes);
  const event = delivery.reads === "call" ? delivery.events[0] : undefined;
  if (event?.kind !== "call.reported") throw new Error("no report was read");
  return event;
}

function reportOf(fields: Readonly<Record<string, unknown>>) {
  return reported(vapiMessage("end-of-call-report", fields)).report;
}

describe("what a report says in one of several places", () => {
  it("have the summary of a structured output that is called one, where the analysis has none", () => {
    const outputs = (name: string, result: unknown) => ({
      artifact: { structuredOutputs: { a: { name, result } } },
    });
    expect(reportOf(outputs("Call Summary", "Wants a cleaning.")).summary).toBe("Wants a cleaning.");
    expect(reportOf({ ...outputs("summary", "b"), analysis: { summary: "a" } }).summary).toBe("a");
    expect(reportOf({ ...outputs("summary", "b"), analysis: { summary: " " } }).summary).toBe("b");
    expect(reportOf(outputs("Summary", { text: "b" })).summary).toBeNull();
    expect(reportOf(outputs("Consummary", "b")).summary).toBeNull();
    expect(reportOf(outputs("call_summary", "b")).summary).toBe("b");
    expect(reportOf(outputs("callSummary", { summary: "b" })).summary).toBe("b");
  });

  it("have the success of a structured output that evaluates it, where the analysis does not", () => {
    const structuredOutputs = { a: { name: "Success Evaluation", result: true } };
    expect(reportOf({ artifact: { structuredOutputs } }).analysis).toEqual({
      successEvaluation: true,
      structuredOutputs,
    });
    const analysis = { successEvaluation: "false" };
    expect(reportOf({ artifact: { structuredOutputs }, analysis }).analysis).toMatchObject(analysis);
    expect(reportOf({ structuredOutputs }).analysis).toMatchObject({ structuredOutputs });
  });

  it("have a transcript that is a list of turns as text, and as messages where there are none", () => {
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
  });

  it("have the conversation in OpenAI's form where there is no other", () => {
    const messagesOpenAIFormatted = [{ role: "tool", content: "NG-4471" }];
    expect(reportOf({ artifact: { messagesOpenAIFormatted } }).messages).toEqual(messagesOpenAIFormatted);
  });

  it("say where the call went: the report's word, the transfer that came about, the last that was tried", () => {
    const to = (number: string, status: string) => ({ destination: { type: "number", number }, status });
    const transfers = [to("+1", "failed"), to("+2", "completed"), to("+3", "failed")];
    const destination = { type: "number", number: "+4" };
    expect(reportOf({ artifact: { transfers } }).forwardedTo).toBe("+2");
    expect(reportOf({ artifact: { transfers: transfers.toSpliced(1, 1) } }).forwardedTo).toBe("+3");
    expect(reportOf({ artifact: { transfers }, destination }).forwardedTo).toBe("+4");
    expect(reportOf({ call: { id: "c", destination } }).forwardedTo).toBe("+4");
  });
});
