import { expect, test } from "vitest";
import { recentKeys } from "./recent-keys.ts";

test("the last keys are known, and what is long ago is forgotten", () => {
  const keys = recentKeys(100);
  for (let place = 0; place < 1_000; place += 1) {
    keys.note(`${place}`);
    for (let back = 0; back < 100; back += 1) {
      if (place >= back) expect(keys.has(`${place - back}`)).toBe(true);
    }
    if (place >= 200) expect(keys.has(`${place - 200}`)).toBe(false);
  }
});

test("what comes again and again takes one place", () => {
  const keys = recentKeys(3);
  keys.note("a");
  for (let time = 0; time < 100; time += 1) keys.note("b");
  expect(keys.has("a")).toBe(true);
});
