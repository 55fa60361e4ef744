import { expect, test } from "vitest";
import { growthMbPerDay } from "./growth.ts";

const HOUR = 3_600;
const since = (ageSeconds: number, sizeMb: number) => ({
  databaseSizeMb: 101,
  sizeBefore: { ageSeconds, sizeMb },
});

test("growth is not known if the oldest size is younger than an hour", () => {
  expect(growthMbPerDay({ databaseSizeMb: 101, sizeBefore: null })).toBeNull();
  expect(growthMbPerDay(since(HOUR - 1, 100))).toBeNull();
  expect(growthMbPerDay(since(HOUR, 100))).toBeCloseTo(24);
});

test("growth is given for a day, whatever the span of the sizes", () => {
  expect(growthMbPerDay(since(7 * 24 * HOUR, 94))).toBeCloseTo(1);
});

test("a database that shrinks has negative growth", () => {
  expect(growthMbPerDay(since(24 * HOUR, 111))).toBeCloseTo(-10);
});
