import fc from "fast-check";
import { expect, test } from "vitest";
import { uploadRetry } from "./upload-retry.ts";

const job = { attempts: 1, failedAt: 1_000_000, deadline: null, retryAfterMs: null };
const delay = (attempts: number, chance: number) => {
  const retry = uploadRetry({ ...job, attempts }, chance);
  return "retryAt" in retry ? retry.retryAt - job.failedAt : retry.giveUp;
};

test("delays double from 5 s up to 6 h, and half of each delay is random", () => {
  expect([1, 2, 3, 13, 14, 19].map((attempts) => delay(attempts, 0))).toEqual([
    2_500, 5_000, 10_000, 10_240_000, 10_800_000, 10_800_000,
  ]);
  expect(delay(1, 0.999_999)).toBe(5_000);
});

test("the twentieth failure is the last", () => {
  expect(delay(19, 0.5)).toBeTypeOf("number");
  expect(delay(20, 0.5)).toBe("attempts");
});

test("the Retry-After of the source is a lower bound", () => {
  expect(uploadRetry({ ...job, retryAfterMs: 60_000 }, 0)).toEqual({ retryAt: 1_060_000 });
});

test("a retry is never in the past and always before the deadline", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (attempts, untilDeadline, chance) => {
        const deadline = job.failedAt + untilDeadline;
        const retry = uploadRetry({ ...job, attempts, deadline }, chance);
        if (!("retryAt" in retry)) return;
        expect(retry.retryAt).toBeGreaterThan(job.failedAt);
        expect(retry.retryAt).toBeLessThan(deadline);
      },
    ),
  );
});
