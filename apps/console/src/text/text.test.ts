import { readdirSync, readFileSync } from "node:fs";
import { AUDIT_ACTIONS } from "@call-ledger/contract/people";
import { expect, test } from "vitest";
import en from "./en.json" with { type: "json" };
import { counted, t, word } from "./text.ts";

test("a text is filled with its values, and counted", () => {
  expect(t("shell.zone", { zone: "UTC" })).toBe("Times in UTC");
  expect(counted("calls.newCalls", 1)).toBe("1 new call");
  expect(counted("calls.newCalls", 1_200)).toBe("1,200 new calls");
});

test("a value of the API without a word is shown unchanged", () => {
  expect(word("outcome", "no_answer")).toBe("No answer");
  expect(word("outcome", "brand_new")).toBe("brand new");
});

test("every change of the audit has words", () => {
  expect(AUDIT_ACTIONS.filter((action) => !word("action", action).includes(" "))).toEqual([]);
});

test("every text is used", () => {
  const source = readdirSync(new URL("..", import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(new URL(`../${name}`, import.meta.url), "utf8"))
    .join("\n");
  const unused = keysOf(en, "").filter((key) => {
    const name = key.replace(/\.(?:one|other)$/, "");
    return !key.startsWith("words.") && !source.includes(`"${name}"`);
  });
  expect(unused).toEqual([]);
});

function keysOf(node: object, prefix: string): string[] {
  return Object.entries(node).flatMap(([name, value]) =>
    typeof value === "string" ? [prefix + name] : keysOf(value, `${prefix}${name}.`),
  );
}
