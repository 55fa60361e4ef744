import { expect, test } from "vitest";
import { periodWords } from "./period-words.ts";

const YEAR = new Date().getUTCFullYear();

test.each([
  [undefined, undefined, ""],
  [`${YEAR}-11-25`, `${YEAR}-11-26`, "Nov 25"],
  [`${YEAR}-11-01`, `${YEAR}-12-01`, "Nov 1 to Nov 30"],
  ["2019-03-04", "2019-03-06", "Mar 4, 2019 to Mar 5, 2019"],
  [`${YEAR}-11-01`, undefined, "Since Nov 1"],
  [undefined, `${YEAR}-11-01`, "Before Nov 1"],
  ["2026-99-99", undefined, "Since 2026-99-99"],
  [`${YEAR}-11-02`, `${YEAR}-11-01`, "Nov 2 to Nov 1"],
  ["2026-11-01T00:00:00Z", "2026-02-30", "2026-11-01T00:00:00Z to 2026-02-30"],
])("the period from %s to %s is %j", (from, to, words) => {
  expect(periodWords(from, to)).toBe(words);
});
