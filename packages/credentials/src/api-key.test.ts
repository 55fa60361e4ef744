import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { apiKeyHash, newApiKey } from "./api-key.ts";

test("a key is recognisable and is hashed as a whole, and no two keys are equal", () => {
  const made = Array.from({ length: 500 }, newApiKey);
  for (const { key, prefix, hash } of made) {
    expect(key).toMatch(/^clk_[0-9A-Za-z]{49}$/);
    expect(prefix).toBe(key.slice(0, 8));
    expect(hash).toEqual(createHash("sha256").update(key).digest());
    expect(apiKeyHash(key)).toEqual(hash);
  }
  expect(new Set(made.map(({ key }) => key)).size).toBe(500);
});

test("every digit occurs about equally often", () => {
  const counts = new Map<string, number>();
  for (let key = 0; key < 2_000; key += 1) {
    for (const digit of newApiKey().key.slice(4, 47)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
  }
  const expected = (2_000 * 43) / 62;
  expect(counts.size).toBe(62);
  // Ten standard deviations, so that the test never fails by chance.
  for (const count of counts.values())
    expect(Math.abs(count - expected)).toBeLessThan(10 * Math.sqrt(expected));
});

test("a key of the older form stays valid", () => {
  const key = "cl_live_Jk8TiCAGknZoNPukQf8wJKU5bmiU7v4zWRSJ2PNtNcx1sDdCG";
  expect(apiKeyHash(key)).toEqual(createHash("sha256").update(key).digest());
});

test("a key with one changed character is not a key", () => {
  const { key } = newApiKey();
  for (let place = 0; place < key.length; place += 1) {
    const other = key.charAt(place) === "x" ? "y" : "x";
    expect(apiKeyHash(key.slice(0, place) + other + key.slice(place + 1)), String(place)).toBeNull();
  }
});

test.each([
  "",
  "clk_",
  "cl_live_",
  "cl_test_",
  `${newApiKey().key}0`,
  ` ${newApiKey().key}`,
  newApiKey().key.slice(0, -1),
])("text that is not a key has no hash: %j", (text) => {
  expect(apiKeyHash(text)).toBeNull();
});
