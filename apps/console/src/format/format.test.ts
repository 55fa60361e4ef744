import { describe, expect, test } from "vitest";
import {
  addDays,
  clockTime,
  dayOf,
  interval,
  isDay,
  preciseDateTime,
  relativeTime,
  shortDateTime,
  span,
  zoneCity,
} from "./dates.ts";
import {
  byteSize,
  countOrMore,
  dollars,
  duration,
  evenMax,
  exactDollars,
  milliseconds,
  phoneNumber,
  talkTime,
} from "./numbers.ts";

const AT = new Date("2026-03-08T08:30:05Z");

describe("times are in the zone", () => {
  test("over the change to daylight saving", () => {
    expect(clockTime(new Date("2026-03-08T07:59:59Z"), "America/Chicago")).toBe("01:59:59");
    expect(clockTime(new Date("2026-03-08T08:00:00Z"), "America/Chicago")).toBe("03:00:00");
  });

  test("with the year if it is not the present one", () => {
    expect(shortDateTime(AT, "UTC", new Date("2026-06-01T00:00:00Z"))).toBe("Mar 8, 08:30");
    expect(shortDateTime(AT, "UTC", new Date("2027-06-01T00:00:00Z"))).toBe("Mar 8, 2026, 08:30");
    expect(preciseDateTime(AT, "UTC", new Date("2026-06-01T00:00:00Z"))).toBe("Mar 8, 08:30:05");
    expect(preciseDateTime(AT, "UTC", new Date("2027-06-01T00:00:00Z"))).toBe("Mar 8, 2026, 08:30:05");
  });

  test("days end at midnight of the zone", () => {
    expect(dayOf(new Date("2026-03-08T05:59:59Z"), "America/Chicago")).toBe("2026-03-07");
    expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
  });
});

test("a duration in its largest unit", () => {
  expect([59, 60, 7_300, 90_000].map(span)).toEqual(["59 sec", "1 min", "2 hr", "1 day"]);
});

test("a rhythm, without the number one", () => {
  expect([30, 60, 7_200, 86_400].map(interval)).toEqual(["30 seconds", "minute", "2 hours", "day"]);
});

test("the talk time of many calls, with a separator", () => {
  expect([0, 35, 2_520, 3_600, 7_447_311].map(talkTime)).toEqual([
    "0 s",
    "35 s",
    "42 min",
    "1 h 0 min",
    "2,068 h 41 min",
  ]);
});

test("a count of a list that goes on", () => {
  expect([countOrMore(1_000, false), countOrMore(100, true)]).toEqual(["1,000", "100+"]);
});

test("parts of a cost have equally many decimals", () => {
  expect(["0.02", "0.0094", "12.5"].map(exactDollars)).toEqual(["$0.0200", "$0.0094", "$12.5000"]);
});

test("a zone by its city", () => {
  expect(["UTC", "America/New_York", "America/Argentina/ComodRivadavia"].map(zoneCity)).toEqual([
    "UTC",
    "New York",
    "ComodRivadavia",
  ]);
});

test.each([
  ["2028-02-29", true],
  ["2026-02-29", false],
  ["2026-99-99", false],
  ["2026-3-4", false],
  ["today", false],
])("whether %s is a day: %s", (text, is) => {
  expect(isDay(text)).toBe(is);
});

test("a distance in time", () => {
  expect(relativeTime(AT, new Date("2026-03-08T08:35:10Z"))).toBe("5m ago");
  expect(relativeTime(new Date("2026-03-08T12:30:05Z"), AT)).toBe("in 4h");
});

test.each([
  ["0.0000", "$0.00"],
  ["0.0031", "$0.0031"],
  ["0.008", "$0.0080"],
  ["0.0500", "$0.05"],
  ["0.1284", "$0.13"],
  ["12.5", "$12.50"],
  ["1234567.891", "$1,234,567.89"],
])("%s dollars are %s", (value, text) => {
  expect(dollars(value)).toBe(text);
});

test("a chart ends at a number whose half is round", () => {
  expect([4, 5, 19, 21, 150, 1_230].map(evenMax)).toEqual([4, 6, 20, 30, 150, 1_300]);
});

test.each([
  [0, "0:00"],
  [725, "12:05"],
  [3_723, "1:02:03"],
])("%i seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test("sizes, latencies and numbers", () => {
  expect([byteSize(412), byteSize(3_412_000), byteSize(0)]).toEqual(["412 B", "3.4 MB", "0 B"]);
  expect([640, 1_240, 604_650, 3_599_999, 93_780_000, 106_272_000_000].map(milliseconds)).toEqual([
    "640 ms",
    "1.24 s",
    "10 min 4 s",
    "59 min 59 s",
    "26 h 3 min",
    "1,230 days",
  ]);
  expect(phoneNumber("+14155550123")).toBe("+1 415 555 0123");
  expect(phoneNumber("+4366012345678")).toBe("+4366012345678");
});
