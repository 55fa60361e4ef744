import { expect, test } from "vitest";
import { throttled } from "./throttled-probe.ts";

function setting() {
  const state = { at: 0, asked: 0, takesMs: 10, failing: false, hanging: false };
  const ask = async () => {
    state.asked += 1;
    if (state.hanging) await new Promise(() => undefined);
    state.at += state.takesMs;
    if (state.failing) throw new Error("away");
    return state.asked;
  };
  return { state, count: throttled(ask, { timeoutMs: 30, now: () => state.at }) };
}

test("an answer is used for twenty times the duration of its question", async () => {
  const { state, count } = setting();
  expect(await count()).toBe(1);
  state.at = 209;
  expect(await count()).toBe(1);
  state.at = 210;
  expect(await count()).toBe(2);
});

test("a slow question without an answer is asked as rarely", async () => {
  const { state, count } = setting();
  state.failing = true;
  expect(await count()).toBeNull();
  state.failing = false;
  state.at = 209;
  expect([await count(), state.asked]).toEqual([null, 1]);
  state.at = 210;
  expect(await count()).toBe(2);
});

test("without a new answer the last one is used, and before the first answer it is null", async () => {
  const { state, count } = setting();
  state.failing = true;
  expect(await count()).toBeNull();
  state.failing = false;
  state.at += 200;
  expect(await count()).toBe(2);
  state.at += 1_000;
  state.hanging = true;
  expect(await count()).toBe(2);
});
