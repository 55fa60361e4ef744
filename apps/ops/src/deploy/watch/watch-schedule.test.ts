import { expect, test } from "vitest";
import type { Subject } from "./watch-schedule.ts";
import { DAILY_SCHEDULE, evenSchedule, FIRST_DAY_SCHEDULE, moments } from "./watch-schedule.ts";

const [MINUTE, HOUR] = [60_000, 3_600_000];

/** Returns the minutes at which something is checked. */
function minutes(subject: Subject, from: number, until: number): number[] {
  return [...moments(FIRST_DAY_SCHEDULE)]
    .filter(({ atMs, subjects }) => atMs >= from && atMs < until && subjects.includes(subject))
    .map(({ atMs }) => atMs / MINUTE);
}
const every = (step: number, from: number, until: number) =>
  Array.from({ length: (until - from) / step }, (_, place) => from + place * step);

test("the intervals of the first day: the first hour, until the fourth, until the day is over", () => {
  expect(minutes("health", 0, HOUR)).toEqual(every(5, 0, 60));
  expect(minutes("size", 0, HOUR)).toEqual(every(5, 0, 60));
  expect(minutes("health", HOUR, 4 * HOUR)).toEqual(every(10, 60, 240));
  expect(minutes("logs", HOUR, 4 * HOUR)).toEqual(every(15, 60, 240));
  expect(minutes("health", 4 * HOUR, 24 * HOUR)).toEqual(every(30, 240, 1440));
  expect(minutes("size", 4 * HOUR, 24 * HOUR)).toEqual(every(240, 240, 1440));
  expect(minutes("data", 4 * HOUR, 24 * HOUR)).toEqual(every(240, 240, 1440));
});

test("the moments are in order and unique, and the last one checks everything", () => {
  const all = [...moments(FIRST_DAY_SCHEDULE)];
  expect(all.map(({ atMs }) => atMs)).toEqual(
    [...new Set(all.map(({ atMs }) => atMs))].sort((one, other) => one - other),
  );
  expect(all.filter(({ subjects }) => subjects.length === 0)).toEqual([]);
  expect(all.filter(({ followsLog }) => followsLog).at(-1)?.atMs).toBe(55 * MINUTE);
  expect(all.at(-1)).toEqual({
    atMs: 24 * HOUR,
    subjects: ["health", "size", "logs", "data"],
    followsLog: false,
  });
});

test("from the second day on: twice a day and daily, without an end", () => {
  const all = moments(DAILY_SCHEDULE);
  const first = Array.from({ length: 4 }, () => all.next().value);
  expect(first.map((moment) => moment && [moment.atMs / HOUR, moment.subjects.length])).toEqual([
    [0, 4],
    [12, 1],
    [24, 4],
    [36, 1],
  ]);
});

test("an interval of the operator", () => {
  expect(
    [...moments(evenSchedule(1_000, 2_500))].map(({ atMs, subjects }) => [atMs, subjects.length]),
  ).toEqual([
    [0, 4],
    [1_000, 3],
    [2_000, 3],
    [2_500, 4],
  ]);
});
