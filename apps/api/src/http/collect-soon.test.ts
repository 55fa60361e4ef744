import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { collecting, collectingWhenQuiet } from "./collect-soon.ts";

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

test("memory is returned twice, when the process is quiet after it was busy", () => {
  const collectAll = vi.fn();
  const look = collectingWhenQuiet(collectAll);
  for (const utilization of [0.1, 0.4, 0.1, 0.9, 0.7, 0.3]) look(utilization);
  expect(collectAll).not.toHaveBeenCalled();
  for (const utilization of [0.1, 0.4, 0.1, 0.4, 0.1]) look(utilization);
  expect(collectAll).toHaveBeenCalledTimes(2);
  for (const utilization of [0.9, 0.1]) look(utilization);
  expect(collectAll).toHaveBeenCalledTimes(3);
});
