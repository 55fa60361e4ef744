import { expect, test } from "vitest";
import { callerTurnsOf } from "./caller-turns.ts";

const said = (role: string, message: string) => ({ role, message });

test.each([
  ["nothing is told", null, null, null],
  ["an empty list and an empty text", [], "", null],
  ["the caller spoke twice", [said("bot", "Hi"), said("user", "Yes"), said("user", "No")], null, 2],
  ["only the system prompt", [said("system", "You are")], "", 0],
  ["only the assistant", [said("bot", "Hi"), said("bot", "Hello?")], "AI: Hi\nAI: Hello?", 0],
  ["the caller's words are blank", [said("bot", "Hi"), said("user", " ")], null, 0],
  [
    "OpenAI's form",
    [
      { role: "assistant", content: "Hi" },
      { role: "user", content: "Yes" },
    ],
    null,
    1,
  ],
  [
    "turns of speakers, in parts",
    [
      { speaker: "bot", text: "Hi" },
      { speaker: "user", content: [{ type: "text", text: "Yes" }] },
    ],
    null,
    1,
  ],
  ["tool calls alone show no speaker", [{ role: "tool_calls", toolCalls: [] }], null, null],
  ["a transcript", null, "AI: Hi\nUser: Yes\nAI: When?\nUser: Now: at nine", 2],
  ["a transcript beside a list without it", [said("system", "You are")], "AI: Hi\nUser: Yes\n", 1],
  ["the caller's words are noise", [said("bot", "Hi"), said("user", "...")], "AI: Hi\nUser: ... -", 0],
  ["the caller's word is a number", [said("user", "5")], null, 1],
  [
    "the answer of a tool alone shows no speaker",
    [
      { role: "assistant", tool_calls: [] },
      { role: "tool", content: "ok" },
    ],
    null,
    null,
  ],
  ["a text in another form", null, "They spoke about: the weather", null],
  ["the list is longer", [said("user", "a"), said("user", "b")], "User: a", 2],
])("%s", (_case, messages, transcript, turns) => {
  expect(callerTurnsOf(messages, transcript)).toBe(turns);
});
