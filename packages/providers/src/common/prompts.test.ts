import type { Json } from "@call-ledger/domain";
import { withPrompts } from "@call-ledger/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutPrompts } from "./prompts.ts";

/** Prompts in the places where provider bodies have them. Each contains `hush`. */
const PROMPTS: Json = {
  messages: [
    { role: "system", message: "hush one", time: 1 },
    { role: "developer", content: [{ type: "text", text: "hush two" }] },
    { role: "System", content: { text: "hush one" } },
    { speaker: "system", utterance: "hush one" },
    { role: "instructions", content: "hush one" },
    { role: "system-message", message: "hush one" },
    { type: "systemMessage", message: "hush one" },
    { from: "system", text: "hush one" },
    { author: { role: "system" }, content: "hush one" },
    { role: "user", name: "system", content: "hush one" },
    { role: "system", content: [{ type: "input_text", input_text: "hush two" }] },
  ],
  history: [{ role: "system", message: "hush one", original: "hush five", parts: [{ note: "hush six" }] }],
  variableValues: {
    systemPromptText: "hush three",
    promptTemplate: "hush three",
    prompt_2: "hush three",
    promptV3: "hush three",
    prompts: { greeting: "hush seven", list: ["hush eight"] },
    history: '[{"role":"system","content":"hush one"}]',
    config: '{"model":"{\\"systemPrompt\\":\\"hush three\\"}"}',
  },
  spoken: { transcript: "hush three", message: { role: "system" } },
  envelope: { role: "system", transcript: "hush three", call: { customer: { name: "Maria Example" } } },
  request: { system_instruction: { parts: [{ text: "hush nine" }] } },
  conversation: "[system] hush ten\nhush eleven\n[User] Hi\nsystem - hush twelve\nAI - Hello",
  artifact: "System: hush ten\nhush eleven\nAI: Hi",
  transcript:
    "System: hush ten\nhush eleven\nAI: Hello\ndeveloper : hush twelve\nUser: Hi\nSystem prompt: hush twelve",
  assistant: {
    model: {
      messages: [{ role: "system", content: "hush one" }],
      systemPrompt: "hush three",
      instructions: "hush one",
      system: [{ text: "hush one" }],
    },
    systemMessage: "hush three",
    analysisPlan: {
      summaryPrompt: "hush four",
      summaryPlan: { messages: [{ role: "system", content: "hush" }] },
    },
  },
};

/** Texts that only look like prompts. */
const OTHERS: Json = {
  messages: [
    { role: "bot", message: "Hello" },
    { role: "user", message: "Which system?" },
    { role: "system", message: " " },
    { role: "system" },
    { role: "user", name: "system owner", content: "Hello there" },
  ],
  variableValues: {
    instructions: "Leave it at the gate",
    system: "Your boiler is old",
    note: "You are late",
  },
  costs: { promptTokens: 5, prompt: 7 },
  note: "the prompt",
  prompt: { id: "pmpt_1", version: 3 },
  arguments: '{"day": 1}',
  transcript: "AI: Which system: old or new?\nUser: System 5: the new one\nsystem-wide, I mean",
  conversation: "the [system] is down",
};

describe("withoutPrompts", () => {
  it("removes every prompt, returns each once, and leaves references", () => {
    const { value, prompts } = withoutPrompts(PROMPTS);
    expect(JSON.stringify(value)).not.toContain("hush");
    expect(prompts.map(({ text }) => text)).toEqual([
      "hush one",
      "hush two",
      "hush five",
      "hush six",
      "hush three",
      "hush seven",
      "hush eight",
      "hush nine",
      "hush ten\nhush eleven",
      "hush twelve",
      "hush four",
      "hush",
    ]);
    expect(value).toMatchObject({
      envelope: { call: { customer: { name: "Maria Example" } } },
      messages: expect.arrayContaining([expect.objectContaining({ role: "system", time: 1 })]),
      assistant: { model: { systemPrompt: expect.stringMatching(/^\[prompt:/) } },
    });
    expect(JSON.stringify(value)).toContain('"type":"text"');
    for (const { hash } of prompts) expect(hash).toHaveLength(22);
  });

  it.each(["system", "instructions", "persona", "context"])("removes what %s tells a model to be", (name) => {
    for (const start of ["You are Riley", "# You are Riley", "Act as Riley", "Your role is to book"]) {
      const { value, prompts } = withoutPrompts({ variableValues: { [name]: `${start}, a scheduler.` } });
      expect(prompts).toHaveLength(1);
      expect(JSON.stringify(value)).not.toContain("scheduler");
    }
  });

  it("removes nothing else, and then copies nothing", () => {
    expect(withoutPrompts(OTHERS)).toEqual({ value: OTHERS, prompts: [] });
    expect(withoutPrompts(OTHERS).value).toBe(OTHERS);
  });

  it("removes nothing from its own result, and loses nothing", () => {
    const words = fc.constantFrom("hush", "a", "", " ", '"$&', "\u0000", "[prompt:x]");
    const { json } = fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        words,
        fc.constantFrom<Json>(null, 1),
        fc.array(tie("json"), { maxLength: 3 }),
        fc.record({
          role: fc.constantFrom("system", "bot"),
          content: tie("json"),
          systemPrompt: tie("json"),
        }),
      ),
    }));
    let taken = 0;
    fc.assert(
      fc.property(json, (before) => {
        const { value, prompts } = withoutPrompts(before);
        taken += prompts.length;
        expect(withoutPrompts(value)).toEqual({ value, prompts: [] });
        expect(withPrompts(JSON.stringify(value), prompts)).toBe(JSON.stringify(before));
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});
