import { describe, expect, it } from "vitest";
import { vapiMessage } from "../../test/messages.ts";
import { fixture } from "../../test/read-fixture.ts";
import { answerVapi } from "./question.ts";
import { readVapi } from "./read.ts";

function answerTo(bytes: Uint8Array, agent: string | null = null): unknown {
  const delivery = readVapi(bytes);
  if (delivery.reads === "chatter" || delivery.question === null) return undefined;
  return answerVapi(delivery.question, agent);
}

describe("answerVapi", () => {
  const request = fixture("vapi/01-inbound-assistant-request.json");

  it("names the agent of the called number", () => {
    expect(answerTo(request, "agent-1")).toEqual({ assistantId: "agent-1" });
  });

  it("has a sentence for the caller if the number belongs to no agent", () => {
    expect(answerTo(request)).toEqual({ error: expect.stringMatching(/^[A-Z].*\.$/) });
  });

  it("answers every tool call by its id", () => {
    const result = "No handler is configured here for book_visit.";
    expect(answerTo(fixture("vapi/11-inbound-tool-calls.json"))).toEqual({
      results: [{ name: "book_visit", toolCallId: "call_fx01aVQ", result }],
    });
  });

  it.each([
    ["toolCallList", (id: string) => ({ id })],
    ["toolCalls", (id: string) => ({ id })],
    ["toolWithToolCallList", (id: string) => ({ toolCall: { id } })],
  ])("answers only the first 100 tool calls of %s", (field, element) => {
    const many = Array.from({ length: 101 }, (_, place) => element(`call-${place}`));
    const answer = JSON.stringify(answerTo(vapiMessage("tool-calls", { [field]: many })));
    expect(answer.match(/call-\d+/g)).toEqual(Array.from({ length: 100 }, (_, place) => `call-${place}`));
  });

  it.each([
    [
      "toolCallList",
      [{ id: "a", function: { name: "one" } }, { id: "b", name: "two" }, { name: "lost" }, null],
    ],
    [
      "toolCalls",
      [
        { id: "a", function: { name: "one" } },
        { id: "b", function: { name: "two" } },
      ],
    ],
    [
      "toolWithToolCallList",
      [{ toolCall: { id: "a", name: "one" } }, { toolCall: { id: "b", name: "two" } }],
    ],
  ])("finds the tool calls in %s", (list, calls) => {
    const answer = answerTo(vapiMessage("tool-calls", { [list]: calls }));
    expect(answer).toMatchObject({
      results: [
        { name: "one", toolCallId: "a" },
        { name: "two", toolCallId: "b" },
      ],
    });
  });

  it("answers a legacy function call, and refuses the others", () => {
    expect(answerTo(fixture("vapi/72-legacy-function-call.json"))).toEqual({
      result: "No handler is configured here for this function.",
    });
    expect(answerTo(vapiMessage("knowledge-base-request"))).toEqual({ error: "not handled here" });
    expect(answerTo(vapiMessage("hang"))).toBeUndefined();
  });

  it("answers a request for audio with silence, because Vapi plays the body", () => {
    expect(answerTo(vapiMessage("voice-request", { text: "Hello", sampleRate: 24000 }))).toBeNull();
  });
});
