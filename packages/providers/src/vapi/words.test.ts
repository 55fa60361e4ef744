import { expect, test } from "vitest";
import { fixture } from "../../test/read-fixture.ts";
import { vapiCostParts } from "./cost-parts.ts";
import { vapiDestinationName } from "./destination-name.ts";
import { vapiEndedReason } from "./ended-reason.words.ts";

test.each([
  ["customer-ended-call", "The customer hung up."],
  ["call.start.error-get-resources-validation", "The call could not be started: get resources validation."],
  [
    "call.in-progress.error-providerfault-openai-503-server-overloaded-error",
    "A service that the agent uses has failed: OpenAI 503 server overloaded error.",
  ],
  ["pipeline-error-azure-openai-llm-failed", "The call failed: azure OpenAI LLM failed."],
  ["something-new", "Something new."],
  ["constructor", "Constructor."],
  ["", "The provider gives no reason."],
])("%s reads: %s", (reason, sentence) => {
  expect(vapiEndedReason(reason)).toBe(sentence);
});

test("every published reason has a sentence", () => {
  const reasons = Object.keys(JSON.parse(Buffer.from(fixture("vapi-ended-reasons.json")).toString()).map);
  expect(reasons.length).toBeGreaterThan(400);
  for (const reason of reasons) expect(vapiEndedReason(reason)).toMatch(/^[A-Z][^_]*[a-z0-9]\.$/i);
});

test("the parts of a breakdown are returned with their counts", () => {
  const breakdown = {
    transport: 0.0024,
    stt: 0,
    llm: 0.0047,
    tts: 0.0063,
    total: 0.0304,
    llmPromptTokens: 1512,
    llmCompletionTokens: 96,
    ttsCharacters: 126,
    analysisCostBreakdown: { summary: 0.0001, summaryPromptTokens: 5, summaryCompletionTokens: 2 },
  };
  expect(vapiCostParts(breakdown)).toEqual([
    { name: "transport", usd: 0.0024, quantity: null, unit: null },
    { name: "llm", usd: 0.0047, quantity: 1608, unit: "tokens" },
    { name: "tts", usd: 0.0063, quantity: 126, unit: "characters" },
    { name: "analysis: summary", usd: 0.0001, quantity: 7, unit: "tokens" },
  ]);
});

test("a part may have the name of a property that every object has", () => {
  const breakdown = JSON.parse('{"constructor":0.5,"__proto__":0.1,"toString":0.2}');
  expect(vapiCostParts(breakdown).map(({ name, usd }) => [name, usd])).toEqual([
    ["constructor", 0.5],
    ["__proto__", 0.1],
    ["toString", 0.2],
  ]);
});

test("the parts of a list of costs are returned", () => {
  const costs = [
    { type: "transport", minutes: 0.2787, cost: 0.0024 },
    { type: "model", promptTokens: 10, completionTokens: 5, cost: 0.0047 },
    { type: "analysis", analysisType: "summary", cost: 0.0001 },
    { type: 3, cost: 1 },
    null,
  ];
  expect(vapiCostParts(costs)).toEqual([
    { name: "transport", usd: 0.0024, quantity: 0.2787, unit: "minutes" },
    { name: "model", usd: 0.0047, quantity: 15, unit: "tokens" },
    { name: "analysis: summary", usd: 0.0001, quantity: null, unit: null },
  ]);
  expect(vapiCostParts("x")).toEqual([]);
});

test.each([
  [{ type: "number", number: "+12025550177", description: " Dispatch desk " }, "Dispatch desk"],
  [{ type: "assistant", assistantName: "Night desk", description: "" }, "Night desk"],
  [{ type: "number", number: "+12025550177" }, null],
  [
    { type: "assistant", assistantName: "Night desk", description: `Only if ${"x".repeat(60)}` },
    "Night desk",
  ],
  [{ type: "number", description: "Billing:\nuse it if the caller asks about a bill" }, null],
  ["+12025550177", null],
])("the destination %j is named %j", (destination, name) => {
  expect(vapiDestinationName({ destination })).toBe(name);
  expect(vapiDestinationName(destination)).toBeNull();
});
