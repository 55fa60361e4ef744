import { expect, test } from "vitest";
import { labelsWithin } from "./bounded-labels.ts";

test("the first names are labels, and stay them; later ones are other", () => {
  const label = labelsWithin(2);
  expect(["status-update", "hang", "transcript", "status-update", "hang"].map(label)).toEqual([
    "status-update",
    "hang",
    "other",
    "status-update",
    "hang",
  ]);
});

test("what is no name takes nobody's place", () => {
  const label = labelsWithin(1);
  expect(["+12025550100", "a b", "", "x".repeat(65), "hang"].map(label)).toEqual([
    "other",
    "other",
    "other",
    "other",
    "hang",
  ]);
});
