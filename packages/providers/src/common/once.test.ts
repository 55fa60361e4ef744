import { expect, test } from "vitest";
import { once } from "./once.ts";

test("it is made when it is asked for, and once", () => {
  let made = 0;
  const make = once(() => ++made);
  expect(made).toBe(0);
  expect([make(), make(), made]).toEqual([1, 1, 1]);
});
