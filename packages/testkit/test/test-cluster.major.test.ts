import { expect, test } from "vitest";
import { chosenMajor } from "../src/vitest/test-cluster.major.ts";

test("a run uses 18 unless another supported major is chosen", () => {
  expect(["15", "16", "17", "18", ""].map((chosen) => chosenMajor(chosen))).toEqual([15, 16, 17, 18, 18]);
  expect(() => chosenMajor("14")).toThrow("one of 15, 16, 17, 18");
  expect(() => chosenMajor("17.2")).toThrow("one of 15, 16, 17, 18");
});
