import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { boundedJson, boundedText } from "./bounds.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Json } from "./json.ts";
import { isList, mapElements, mapFields } from "./json.ts";

/** Keys that objects treat specially (numbers come first, __proto__ sets a prototype), and texts that are bounded. */
const key = fc.oneof(
  fc.constantFrom(
    "__proto__",
    "constructor",
    "10",
    "9",
    "b",
    "a",
    "é",
    "\uffee",
    "\u{1f4de}",
    "k\u0000",
    "k\ud800",
  ),
  fc.string({ unit: "binary", maxLength: 4 }),
);
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, -0, 1.5, "", "a\u0000", "\ud800", "x"),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("json")), { maxLength: 5 }).map((fields): Json => Object.fromEntries(fields)),
  ),
}));

/** The reference for the tested functions: it copies everything, so it cannot share a value by mistake. */
function copied(value: Json, onText: (text: string) => Json, onKey: (key: string) => string): Json {
  if (typeof value === "string") return onText(value);
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map((inner) => copied(inner, onText, onKey));
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [onKey(name), copied(inner, onText, onKey)]),
  );
}

describe("mapping shares the values that it does not change", () => {
  const upper = (value: Json): Json => {
    if (typeof value === "string") return value.toUpperCase();
    if (value === null || typeof value !== "object") return value;
    return isList(value) ? mapElements(value, upper) : mapFields(value, upper);
  };
  const mapped = (value: Json) =>
    copied(
      value,
      (text) => text.toUpperCase(),
      (name) => name,
    );

  test("and changes everything else, in the same order", () => {
    let changed = 0;
    fc.assert(
      fc.property(json, (value) => {
        const before = JSON.stringify(value);
        const after = JSON.stringify(mapped(value));
        expect(JSON.stringify(upper(value))).toBe(after);
        expect(JSON.stringify(value)).toBe(before);
        if (before === after) expect(upper(value)).toBe(value);
        else changed += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(changed).toBeGreaterThan(100);
  });

  test("a field called __proto__ stays a field", () => {
    const value: Json = JSON.parse('{"a": "x", "__proto__": "y"}');
    expect(JSON.stringify(upper(value))).toBe('{"a":"X","__proto__":"Y"}');
  });
});

test("canonical JSON equals the result of a replacer that sorts keys", () => {
  const plain = (value: Json) =>
    JSON.stringify(value, (_key, inner: unknown) => {
      if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner;
      return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
    });
  fc.assert(
    fc.property(json, (value) => {
      expect(canonicalJson(value)).toBe(plain(value));
    }),
    { numRuns: 5_000 },
  );
});

test("bounded JSON equals a copy with bounded texts and keys", () => {
  const bounded = (text: string) => boundedText(text) ?? "";
  fc.assert(
    fc.property(json, (value) => {
      expect(JSON.stringify(boundedJson(value))).toBe(JSON.stringify(copied(value, bounded, bounded)));
    }),
    { numRuns: 5_000 },
  );
});
