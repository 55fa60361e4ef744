import { expect, test } from "vitest";
import { watchGrowth } from "./growth.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test("growth is not known before an hour has been seen", () => {
  const growth = watchGrowth();
  expect(growth.mbPerDay()).toBeNull();
  growth.observe(0, 100);
  growth.observe(59 * MINUTE, 200);
  expect(growth.mbPerDay()).toBeNull();
  growth.observe(HOUR, 101);
  expect(growth.mbPerDay()).toBeCloseTo(24);
});

test("it is the last week's, so that a burst long ago is forgotten", () => {
  const growth = watchGrowth();
  growth.observe(0, 0);
  for (let at = DAY; at <= 9 * DAY; at += 10 * MINUTE) growth.observe(at, 1_000 + at / DAY);
  expect(growth.mbPerDay()).toBeCloseTo(1);
});

test("a database that shrinks has negative growth", () => {
  const growth = watchGrowth();
  growth.observe(0, 100);
  growth.observe(DAY, 90);
  expect(growth.mbPerDay()).toBeCloseTo(-10);
});
