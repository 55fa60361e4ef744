import { expect, test } from "vitest";
import { median, percentile, summarizeLatencies } from "./latency.summary.ts";

test("a percentile is one of the samples, by nearest rank", () => {
  const sorted = [10, 20, 30, 40];
  expect(percentile(sorted, 0.5)).toBe(20);
  expect(percentile(sorted, 0.51)).toBe(30);
  expect(percentile(sorted, 0.99)).toBe(40);
  expect(percentile(sorted, 0.01)).toBe(10);
});

test("one slow request of a hundred is beyond the p99, two are not", () => {
  const fast = Array.from({ length: 98 }, () => 1);
  expect(summarizeLatencies([...fast, 1, 500]).p99).toBe(1);
  expect(summarizeLatencies([500, ...fast, 500])).toMatchObject({ p50: 1, p99: 500, max: 500, count: 100 });
});

test("samples are ordered as numbers", () => {
  expect(summarizeLatencies([9, 100, 20]).p50).toBe(20);
  expect(median([9, 100, 20])).toBe(20);
});

test("the median of an even number of samples is the mean of the middle two", () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
});

test("an empty list of samples is refused", () => {
  expect(() => summarizeLatencies([])).toThrow(RangeError);
  expect(() => median([])).toThrow(RangeError);
  expect(() => percentile([1], 0)).toThrow(RangeError);
});
