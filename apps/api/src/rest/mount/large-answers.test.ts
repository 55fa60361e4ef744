import { EventEmitter } from "node:events";
import type { Response } from "express";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { LargeAnswers } from "./large-answers.ts";
import { largeAnswers } from "./large-answers.ts";

let large: LargeAnswers;
let made: string[];

beforeEach(() => {
  vi.useFakeTimers();
  large = largeAnswers().large;
  made = [];
});
afterEach(() => void vi.useRealTimers());

const settled = () => vi.advanceTimersByTimeAsync(0);

/** Asks for an answer that the client takes when `close` is called. */
function ask(owner: string, name: string) {
  const res = Object.assign(new EventEmitter(), { destroyed: false, writableFinished: false });
  const answered = large.inTurn(owner, res as unknown as Response, async () => void made.push(name));
  const outcome = answered.then(
    () => "made",
    ({ code }) => code,
  );
  return { outcome, close: () => res.emit("close") };
}

test("two owners get an answer at a time, and owners take turns", async () => {
  const [first, , second] = [ask("a", "a1"), ask("a", "a2"), ask("b", "b1"), ask("c", "c1")];
  await settled();
  expect(made).toEqual(["a1", "b1"]);
  first?.close();
  await settled();
  expect(made).toEqual(["a1", "b1", "a2"]);
  second?.close();
  await settled();
  expect(made).toEqual(["a1", "b1", "a2", "c1"]);
});

test("an owner that asks for too many is refused, and another one waits", async () => {
  const running = [ask("a", "a0"), ask("b", "b0")];
  const many = Array.from({ length: 201 }, (_, index) => ask("a", `a${index + 1}`));
  expect(await many.at(-1)?.outcome).toBe("too_many_requests");
  const other = ask("c", "c");
  expect(await many.at(-2)?.outcome).toBe("too_many_requests");
  running[1]?.close();
  await settled();
  expect(await other.outcome).toBe("made");
});

test("a request whose turn does not come within four seconds is told to come again", async () => {
  const running = [ask("a", "a0"), ask("b", "b0")];
  const late = ask("c", "late");
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await late.outcome).toBe("unavailable");
  for (const { close } of running) close();
  await settled();
  expect(made).toEqual(["a0", "b0"]);
});
