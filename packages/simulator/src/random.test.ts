import { expect, test } from "vitest";
import { randomFrom } from "./random.ts";

test("the same seed gives the same draws, and every part of the seed matters", () => {
  const draws = (...seed: (string | number)[]) => {
    const random = randomFrom(...seed);
    return [random.fraction(), random.int(0, 1e9), random.uuid(), random.shuffled([1, 2, 3, 4, 5, 6, 7, 8])];
  };
  expect(draws("call", 7)).toEqual(draws("call", 7));
  expect(draws("call", 7)).not.toEqual(draws("call", 8));
  expect(draws("call", 7)).not.toEqual(draws("ball", 7));
  expect(draws("a", "b")).not.toEqual(draws("ab"));
});

test("the draws of a seed are the same on every machine", () => {
  const random = randomFrom("golden");
  expect([random.int(0, 999_999), random.int(0, 999_999), random.uuid()]).toMatchInlineSnapshot(`
    [
      483890,
      758984,
      "46b3cb73-572d-4d17-9e29-5ab7c00b15b7",
    ]
  `);
});

test("draws stay within their bounds and reach them", () => {
  const random = randomFrom("bounds");
  const dice = Array.from({ length: 6_000 }, () => random.int(1, 6));
  for (const face of [1, 2, 3, 4, 5, 6]) {
    const share = dice.filter((eyes) => eyes === face).length / dice.length;
    expect(share).toBeGreaterThan(0.14);
    expect(share).toBeLessThan(0.195);
  }
  expect(new Set(dice).size).toBe(6);
  expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("weights determine how often a value is drawn", () => {
  const random = randomFrom("weights");
  const drawn = Array.from({ length: 4_000 }, () =>
    random.weighted([
      [3, "often"],
      [1, "seldom"],
      [0, "never"],
    ]),
  );
  expect(drawn.filter((value) => value === "often").length / drawn.length).toBeCloseTo(0.75, 1);
  expect(drawn).not.toContain("never");
});

test("a shuffle keeps every item", () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const shuffled = randomFrom("shuffle").shuffled(items);
  expect(shuffled).not.toEqual(items);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
});

test("picking from an empty list throws", () => {
  expect(() => randomFrom("empty").pick([])).toThrow(RangeError);
});
