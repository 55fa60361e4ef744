import { expect, test } from "vitest";
import { labelsWithin } from "./bounded-labels.ts";

test("the first names keep their label, later names become other", () => {
  const label = labelsWithin(2);
  expect(["status-update", "hang", "transcript", "status-update", "hang"].map(label)).toEqual([
    "status-update",
    "hang",
    "other",
    "status-update",
    "hang",
  ]);
});

test("a value that has not the form of a name takes no place", () => {
  const label = labelsWithin(1);
  expect(["+12025550100", "a b", "", "x".repeat(65), "hang"].map(label)).toEqual([
    "other",
    "other",
    "other",
    "other",
    "hang",
  ]);
});
