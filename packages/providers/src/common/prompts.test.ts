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
  ],
  assistant: {
    model: { messages: [{ role: "system", content: "hush one" }], systemPrompt: "hush three" },
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
  ],
  costs: { promptTokens: 5, prompt: 7 },
  note: "the prompt",
};

describe("withoutPrompts", () => {
  it("removes every prompt, returns each once, and leaves references", () => {
    const { value, prompts } = withoutPrompts(PROMPTS);
    expect(JSON.stringify(value)).not.toContain("hush");
    expect(prompts.map(({ text }) => text)).toEqual([
      "hush one",
      "hush two",
      "hush three",
      "hush four",
      "hush",
    ]);
    expect(value).toMatchObject({
      messages: [{ role: "system", time: 1 }, { content: [{ type: "text" }] }, {}, {}],
    });
    for (const { hash } of prompts) expect(hash).toHaveLength(22);
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
