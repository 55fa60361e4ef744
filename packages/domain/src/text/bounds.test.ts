import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boundedDollars,
  boundedIdentifier,
  boundedInstant,
  boundedJson,
  boundedSeconds,
  boundedText,
} from "./bounds.ts";
import { compareBytes } from "./byte-order.ts";
import { canonicalJson } from "./canonical-json.ts";
import type { Json } from "./json.ts";

describe("values that Postgres would refuse are bounded", () => {
  test("text loses NUL and lone surrogates, and is null if nothing is left", () => {
    expect(boundedText("a\u0000b\ud800c")).toBe("ab\ufffdc");
    expect(boundedText("\u0000")).toBeNull();
    expect(boundedText(7)).toBeNull();
  });

  test("identifiers have 1 to 200 characters", () => {
    expect(boundedIdentifier(`  ${"x".repeat(200)} `)).toHaveLength(200);
    expect(boundedIdentifier("x".repeat(201))).toBeNull();
    expect(boundedIdentifier("   ")).toBeNull();
  });

  test("instants lie between 2000 and 2100", () => {
    expect(boundedInstant("2026-03-12T15:04:03.655Z")).toBe(1_773_327_843_655);
    expect(boundedInstant(1_773_327_843_655.9)).toBe(1_773_327_843_655);
    expect(boundedInstant(Date.UTC(1999, 11, 31, 23, 59, 59))).toBeNull();
    expect(boundedInstant(Date.UTC(2100, 0, 1))).toBeNull();
    expect(boundedInstant("yesterday")).toBeNull();
    expect(boundedInstant("2026-03-12T15:04:03")).toBeNull();
  });

  test("durations are whole seconds in an int4, rounded half up", () => {
    expect([16.722, 0.5, 0.49, -1, 2_147_483_648, Number.NaN].map(boundedSeconds)).toEqual([
      17,
      1,
      0,
      null,
      null,
      null,
    ]);
  });

  test("dollars are not negative and have six decimals", () => {
    expect([0.0304, 1e-9, -0.1, 2e9, Number.POSITIVE_INFINITY].map(boundedDollars)).toEqual([
      0.0304,
      0,
      null,
      null,
      null,
    ]);
  });

  test("JSON is bounded in depth: keys and values", () => {
    expect(boundedJson({ "k\u0000": ["\ud800", Number.POSITIVE_INFINITY, null] })).toEqual({
      k: ["\ufffd", null, null],
    });
  });
});

test("byte order is the order of the UTF-8 encodings", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
      expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
  );
  expect(compareBytes("\uffee", "\u{1f4de}")).toBeLessThan(0);
});

test("canonical JSON does not depend on the order of keys", () => {
  const shuffleKeys = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(shuffleKeys);
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, inner]) => [key, shuffleKeys(inner)]),
    );
  };
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false } as object), (value) => {
      expect(canonicalJson(shuffleKeys(value as Json))).toBe(canonicalJson(value as Json));
    }),
  );
  expect(canonicalJson({ b: 1, a: [{ d: null, c: "x" }] })).toBe('{"a":[{"c":"x","d":null}],"b":1}');
});
