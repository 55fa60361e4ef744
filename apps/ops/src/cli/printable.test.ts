import { expect, test } from "vitest";
import { command } from "./command.ts";
import { listResult } from "./list-result.ts";
import { printable, printableLines } from "./printable.ts";
import { run } from "./run.ts";

const HOSTILE = "a\u001b]52;c;eA==\u0007\u009b2J\u202eb\u2066\u200f\u0000\u007f\r";
const ESCAPED = "a\\u001b]52;c;eA==\\u0007\\u009b2J\\u202eb\\u2066\\u200f\\u0000\\u007f\\u000d";

/** Characters that a terminal executes instead of showing them. */
const OBEYED = /[\p{Cc}\p{Bidi_Control}]/u;

test("every control character becomes an escape; letters of any script stay", () => {
  for (let code = 0; code <= 0xffff; code++) {
    const character = String.fromCharCode(code);
    if (OBEYED.test(character)) expect(printable(character)).toBe(`\\u${code.toString(16).padStart(4, "0")}`);
  }
  expect(printable("Zoë שלום مرحبا 👋🏽 日本")).toBe("Zoë שלום مرحبا 👋🏽 日本");
  expect([printable("a\n\tb"), printableLines("a\n\tb")]).toEqual(["a\\u000a\\u0009b", "a\n\tb"]);
});

const list = command({
  about: "Lists one row.",
  options: { fail: { about: "fails" } },
  examples: [],
  async run({ fail }, { progress, warn, ask }) {
    for (const tell of [progress, warn, ask]) await tell(HOSTILE);
    if (fail) throw Object.assign(new Error(), { name: HOSTILE });
    return listResult([{ name: HOSTILE }], { columns: { NAME: ({ name }) => name }, none: "" });
  },
});

/** Returns all output that reaches the terminal. */
async function shown(...args: readonly string[]) {
  const parts: string[] = [];
  const keep = (text: string) => {
    parts.push(text);
  };
  await run(["list", ...args], [{ name: "list", summary: "", load: async () => list }], {
    env: {},
    out: keep,
    err: keep,
    input: async () => "",
    now: () => 0,
    cutOff: new AbortController().signal,
    ask: async (question) => {
      keep(`${question}\n`);
      return null;
    },
  });
  return parts.join("");
}

test.each([[[]], [["--json"]], [["--fail"]], [["--fail", "--json"]]])(
  "stored text reaches the terminal without control characters: list %j",
  async (args) => {
    const text = await shown(...args);
    expect(text).toContain(ESCAPED);
    expect(text.replaceAll("\n", "")).not.toMatch(OBEYED);
  },
);

test("the escapes are JSON's own", async () => {
  const document = (await shown("--json")).trimEnd().split("\n").at(-1) ?? "";
  expect(JSON.parse(document)).toEqual([{ name: HOSTILE }]);
});
