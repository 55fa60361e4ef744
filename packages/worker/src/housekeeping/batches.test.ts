import { DbError } from "@call-ledger/db/errors";
import { expect, test } from "vitest";
import { inBatches, nextSize } from "./batches.ts";

const never = new AbortController().signal;
const busy = () => new DbError("unavailable", "55P03", null);

test("batches follow each other until nothing is left", async () => {
  const asked: number[] = [];
  const dropped = await inBatches(async (max) => {
    asked.push(max);
    return { dropped: 7, done: asked.length === 3 };
  }, never);
  expect(dropped).toBe(21);
  expect(asked[0]).toBeLessThan(asked[2] ?? 0);
});

test.each([
  ["a fast batch is followed by a larger one, but at most twice as large", 500, 1, 1_000],
  ["a slow batch is followed by a smaller one", 1_000, 15, 667],
  ["a very slow batch halves the size at most", 1_000, 60_000, 500],
  ["a batch that took the allowed time is followed by one of the same size", 1_000, 10, 1_000],
  ["never more than 2,000", 2_000, 1, 2_000],
  ["never fewer than 20", 20, 60_000, 20],
])("%s", (_what, max, tookMs, next) => {
  expect(nextSize(max, tookMs)).toBe(next);
});

test("a busy database gets a smaller batch next", async () => {
  const asked: number[] = [];
  await inBatches(async (max) => {
    asked.push(max);
    if (asked.length === 1) throw busy();
    return { dropped: 0, done: true };
  }, never);
  expect(asked).toEqual([200, 100]);
});

test("five refusals in a row are thrown, and any other fault is thrown immediately", async () => {
  let asked = 0;
  const refusing = inBatches(async () => {
    asked += 1;
    throw busy();
  }, never);
  await expect(refusing).rejects.toMatchObject({ code: "55P03" });
  expect(asked).toBe(5);
  const wrong = inBatches(async () => {
    throw new DbError("bug", "42883", null);
  }, never);
  await expect(wrong).rejects.toMatchObject({ code: "42883" });
});

test("a stop ends the work before the next batch, even in the middle of a pause", async () => {
  const stop = new AbortController();
  let asked = 0;
  const working = inBatches(async () => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    setTimeout(() => stop.abort(new Error("stopped")), 5);
    return { dropped: 1, done: false };
  }, stop.signal);
  await expect(working).rejects.toThrow("stopped");
  expect(asked).toBe(1);
});
