import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { repeating } from "./repeating.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("rounds run one after another and never overlap", async () => {
  const finish: (() => void)[] = [];
  const running = repeating(() => new Promise((resolve) => finish.push(() => resolve(100))));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(finish).toHaveLength(1);
  finish[0]?.();
  await vi.advanceTimersByTimeAsync(99);
  expect(finish).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(finish).toHaveLength(2);

  let isOver = false;
  void running.stop().then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isOver).toBe(false);
  finish[1]?.();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(isOver).toBe(true);
  expect(finish).toHaveLength(2);
});

test("after a stop between two rounds, no further round begins", async () => {
  let rounds = 0;
  const running = repeating(async () => {
    rounds += 1;
    return 100;
  });
  await vi.advanceTimersByTimeAsync(50);
  await running.stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(rounds).toBe(1);
});

test("a round that returns null is the last", async () => {
  let rounds = 0;
  const running = repeating(async () => {
    rounds += 1;
    return rounds < 3 ? 100 : null;
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(rounds).toBe(3);
  await running.stop();
});

test("a hurried round begins immediately, or once after the running one", async () => {
  const finish: (() => void)[] = [];
  const running = repeating(() => new Promise((resolve) => finish.push(() => resolve(100))));
  running.hurry();
  running.hurry();
  finish[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(finish).toHaveLength(2);
  finish[1]?.();
  await vi.advanceTimersByTimeAsync(50);
  expect(finish).toHaveLength(2);
  running.hurry();
  expect(finish).toHaveLength(3);
  finish[2]?.();
  await vi.advanceTimersByTimeAsync(99);
  expect(finish).toHaveLength(3);
  await running.stop();
  running.hurry();
  expect(finish).toHaveLength(3);
});

test("after the last round, hurry() begins no other one", async () => {
  let rounds = 0;
  const running = repeating(async () => {
    rounds += 1;
    return null;
  });
  running.hurry();
  await vi.advanceTimersByTimeAsync(0);
  running.hurry();
  expect(rounds).toBe(1);
});
