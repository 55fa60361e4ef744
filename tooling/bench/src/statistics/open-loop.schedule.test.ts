import { expect, test } from "vitest";
import { openLoopSchedule } from "./open-loop.schedule.ts";

test("requests become due at an even pace, the first at once", () => {
  const schedule = openLoopSchedule(100, 1);
  expect(schedule.takeDue(0)).toBe(1);
  expect(schedule.takeDue(5)).toBe(0);
  expect(schedule.takeDue(10)).toBe(1);
  expect(schedule.takeDue(35)).toBe(2);
  expect(schedule.dueAt(3)).toBe(30);
});

test("after a stall all that was due comes at once, each with its own time", () => {
  const schedule = openLoopSchedule(1_000, 1);
  schedule.takeDue(0);
  expect(schedule.takeDue(500)).toBe(500);
  expect(schedule.dueAt(1)).toBe(1);
  expect(schedule.dueAt(500)).toBe(500);
});

test("it ends after rate times seconds, however late it is asked", () => {
  const schedule = openLoopSchedule(50, 2);
  expect(schedule.takeDue(1_000)).toBe(51);
  expect(schedule.isOver()).toBe(false);
  expect(schedule.takeDue(60_000)).toBe(49);
  expect(schedule.isOver()).toBe(true);
  expect(schedule.takeDue(70_000)).toBe(0);
});

test("a rate of nothing is refused", () => {
  expect(() => openLoopSchedule(0, 1)).toThrow(RangeError);
  expect(() => openLoopSchedule(10, Number.NaN)).toThrow(RangeError);
});
