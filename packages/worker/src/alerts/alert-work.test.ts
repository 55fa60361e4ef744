import { expect, test } from "vitest";
import { EgressFault } from "../egress/egress-fault.ts";
import { afterFault } from "./alert-work.ts";

const fault = (retryAfterMs: number | null = null) =>
  new EgressFault("passing", "the answer was HTTP 429", { retryAfterMs });
const waits = (attempts: number, chance = 1, retryAfterMs: number | null = null) => {
  const ended = afterFault({ attempts, lastsSeconds: 0 }, fault(retryAfterMs), chance);
  return ended.verdict === "pending" ? ended.retrySeconds : null;
};

test("the waits grow from 15 s to 15 minutes, with jitter", () => {
  expect([1, 2, 3, 7, 100].map((attempts) => waits(attempts))).toEqual([15, 30, 60, 900, 900]);
  expect(waits(1, 0)).toBe(8);
});

test("the receiver's Retry-After is a lower bound, up to 15 minutes", () => {
  expect([waits(1, 1, 60_000), waits(1, 1, 7_200_000)]).toEqual([60, 900]);
});

test("a message is given up after a day, with the reason", () => {
  expect(afterFault({ attempts: 90, lastsSeconds: 86_400 }, fault(), 0)).toEqual({
    verdict: "failed",
    reason: "the answer was HTTP 429",
  });
});

test("an unforeseen error is logged without its message", () => {
  const error = new Error("https://hooks.example.com/secret");
  expect(afterFault({ attempts: 1, lastsSeconds: 0 }, error, 0)).toMatchObject({
    reason: "an unexpected error",
  });
});
