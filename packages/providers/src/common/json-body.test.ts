import type { Json } from "@call-ledger/domain";
import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonLength, parseBody } from "./json-body.ts";

it("has the length of the JSON text up to the max, and a greater one beyond it", () => {
  let beyond = 0;
  fc.assert(
    fc.property(fc.json(), fc.nat(60), (json, max) => {
      const value: Json = JSON.parse(json);
      const { length } = JSON.stringify(value);
      if (length > max) beyond += 1;
      if (length <= max) expect(jsonLength(value, max)).toBe(length);
      else expect(jsonLength(value, max)).toBeGreaterThan(max);
    }),
    { numRuns: 2_000 },
  );
  expect(beyond).toBeGreaterThan(100);
});

it("reads JSON as JSON.parse does, for objects and lists without long integers", () => {
  fc.assert(
    fc.property(fc.json({ noUnicodeString: false } as object), (json) => {
      const value: Json = JSON.parse(json);
      const expected = value !== null && typeof value === "object" ? value : "unparseable";
      if (!/\d{16}/.test(json)) expect(parseBody(Buffer.from(json))).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});

it.each([
  ["[12345678901234567891]", ["12345678901234567891"]],
  ["[-12345678901234567891 ,1]", ["-12345678901234567891", 1]],
  ["[9007199254740991]", [9007199254740991]],
  ["[9007199254740993]", ["9007199254740993"]],
  ["[1234567890123456.5,1e+12345678901234567890]", [1234567890123456.5, Number.POSITIVE_INFINITY]],
  [
    '{"a":"x 12345678901234567891","b":12345678901234567891}',
    { a: "x 12345678901234567891", b: "12345678901234567891" },
  ],
])("keeps the digits of %s", (json, value) => {
  expect(parseBody(Buffer.from(json))).toEqual(value);
});
