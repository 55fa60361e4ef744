import type { Json, StoredConversation } from "@call-ledger/domain";
import { latencyOf } from "@call-ledger/domain";
import { expect, test } from "vitest";
import { vapiConversation } from "./conversation.ts";

const START = Date.UTC(2026, 2, 12, 15);

function items(stored: Partial<StoredConversation>) {
  return vapiConversation({ startedAt: START, messages: null, segments: [], transcript: null, ...stored });
}

const speech = { kind: "speech", atSeconds: null, endSeconds: null, latencyMs: null };

const REPORTED: Json = [
  { role: "system", message: "[prompt:0123456789012345678901]", time: START, secondsFromStart: 0 },
  { role: "bot", message: "How can I help?", time: START, endTime: START + 1_500, secondsFromStart: 0.36 },
  { role: "user", message: "Tomorrow?", time: START + 4_000, endTime: START + 6_000, secondsFromStart: 4 },
  {
    role: "tool_calls",
    message: "",
    secondsFromStart: 6.5,
    toolCalls: [{ id: "call_1", type: "function", function: { name: "book", arguments: '{"day":"13"}' } }],
  },
  {
    role: "tool_call_result",
    toolCallId: "call_1",
    name: "book",
    result: '{"code":"N4"}',
    secondsFromStart: 7.25,
  },
  {
    role: "bot",
    message: "Booked.",
    time: START + 8_000,
    duration: 500,
    secondsFromStart: 8.000000953674316,
  },
];

test("tools are at their place, with result and time; prompts are left out; answers have their latency", () => {
  const found = items({ messages: REPORTED });
  expect(found).toEqual([
    {
      kind: "speech",
      role: "agent",
      text: "How can I help?",
      atSeconds: 0.36,
      endSeconds: 1.86,
      latencyMs: null,
    },
    { kind: "speech", role: "caller", text: "Tomorrow?", atSeconds: 4, endSeconds: 6, latencyMs: null },
    {
      kind: "tool_call",
      id: "call_1",
      name: "book",
      arguments: { day: "13" },
      result: { code: "N4" },
      atSeconds: 6.5,
      tookMs: 750,
    },
    { kind: "speech", role: "agent", text: "Booked.", atSeconds: 8, endSeconds: 8.5, latencyMs: 2_000 },
  ]);
  expect(latencyOf(found)).toEqual({ turns: 1, medianMs: 2_000, maxMs: 2_000 });
});

test("OpenAI's form, with its tools", () => {
  const found = items({
    messages: [
      { role: "developer", content: "secret" },
      { role: "user", content: "Book me" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "a", function: { name: "book", arguments: "{" } }],
      },
      { role: "tool", tool_call_id: "a", content: "done" },
      { role: "assistant", content: "Done" },
    ],
  });
  expect(found).toMatchObject([
    { role: "caller", text: "Book me" },
    { name: "book", arguments: "{", result: "done", tookMs: null },
    { role: "agent", text: "Done", latencyMs: null },
  ]);
});

test("a result belongs to the call with its id, for any number of calls with one name", () => {
  const call = (id: string) => ({ id, function: { name: "look", arguments: {} } });
  const found = items({
    messages: [
      { role: "user", message: "x" },
      { role: "tool_calls", toolCalls: [call("1"), call("2")] },
      { role: "tool_call_result", toolCallId: "2", name: "look", result: "second" },
      { role: "tool_call_result", name: "look", result: "first" },
      { role: "tool_call_result", toolCallId: "9", name: "late", result: "nobody asked" },
    ],
  });
  expect(found.slice(1)).toMatchObject([
    { id: "1", result: "first" },
    { id: "2", result: "second" },
    { id: "9", name: "late", arguments: null, result: "nobody asked" },
  ]);
});

test("without messages the live segments are used, and without those the transcript's lines", () => {
  const segments = [
    { role: "assistant", text: "Hello", at: START + 1_000 },
    { role: "customer", text: "Hi", at: null },
  ];
  expect(items({ segments, transcript: "AI: other" })).toEqual([
    { ...speech, role: "agent", text: "Hello", atSeconds: 1 },
    { ...speech, role: "caller", text: "Hi" },
  ]);
  expect(items({ transcript: "AI: Hello\nthere\nUser: Hi: you\n\nNote: x" })).toMatchObject([
    { role: "agent", text: "Hello\nthere" },
    { role: "caller", text: "Hi: you\nNote: x" },
  ]);
  expect(items({ transcript: "They spoke." })).toMatchObject([{ role: "other", text: "They spoke." }]);
  expect(items({})).toEqual([]);
});

test.each<[string, Json]>([
  ["no list", { role: "bot" }],
  ["a list of nothing", [null, 1, "x", [], {}]],
  ["wrong types", [{ role: 1, message: {}, secondsFromStart: "x", toolCalls: "y" }]],
  ["a deep document", [{ role: "tool_calls", toolCalls: [{ function: { arguments: "[".repeat(9_999) } }] }]],
])("%s is no fault", (_case, messages) => {
  expect(() => items({ messages })).not.toThrow();
});

test("times from another start than the report's are never negative", () => {
  const found = items({
    messages: [{ role: "user", message: "x", time: START - 5_000, secondsFromStart: null }],
  });
  expect(found).toMatchObject([{ atSeconds: 0 }]);
});
