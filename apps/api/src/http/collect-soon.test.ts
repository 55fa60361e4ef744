import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { collecting } from "./collect-soon.ts";

const MEGABYTE = 1024 * 1024;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("garbage is collected soon after 4 MB, and twice a second at most", () => {
  const collect = vi.fn();
  const dropped = collecting(collect);
  for (let place = 0; place < 3; place += 1) dropped(MEGABYTE);
  vi.advanceTimersByTime(10_000);
  expect(collect).not.toHaveBeenCalled();
  for (let place = 0; place < 20; place += 1) dropped(5 * MEGABYTE);
  vi.advanceTimersByTime(500);
  expect(collect).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(10_000);
  expect(collect).toHaveBeenCalledTimes(1);
});

test("small bodies do not count", () => {
  const collect = vi.fn();
  const dropped = collecting(collect);
  for (let place = 0; place < 1_000; place += 1) dropped(60_000);
  vi.advanceTimersByTime(10_000);
  expect(collect).not.toHaveBeenCalled();
});

test("without a collector nothing happens", () => {
  const dropped = collecting(undefined);
  dropped(5 * MEGABYTE);
  expect(vi.getTimerCount()).toBe(0);
});
