import { expect, test } from "vitest";
import { inTurns } from "./recording-work.ts";

test("the oldest and the newest take turns", () => {
  const claim = inTurns((max, newest) => `claim ${max} ${newest ? "newest" : "oldest"}`);
  expect([claim(2), claim(2), claim(2), claim(2)]).toEqual([
    "claim 2 newest",
    "claim 2 oldest",
    "claim 2 newest",
    "claim 2 oldest",
  ]);
});
