import { expect, test } from "vitest";
import { summaryLines } from "../src/vitest/left-out.reporter.ts";

const leftOut = new Map([["needs pgbouncer: apt-get install pgbouncer", 3]]);

test("ends with the counts", () => {
  expect(summaryLines({ passed: 7, failed: 1, leftOut: new Map() }, true)).toEqual([
    "tests: 7 passed, 1 failed",
  ]);
});

test("names what was left out and the package that brings it", () => {
  expect(summaryLines({ passed: 7, failed: 0, leftOut }, false)).toEqual([
    "left out: 3 tests, needs pgbouncer: apt-get install pgbouncer",
    "tests: 7 passed, 0 failed",
  ]);
});

test("under CI=true leaving out is called what it is", () => {
  expect(summaryLines({ passed: 7, failed: 0, leftOut }, true)).toContain(
    "CI=true allows nothing to be left out.",
  );
});

test("a run without a test says so", () => {
  expect(summaryLines({ passed: 0, failed: 0, leftOut: new Map() }, false)[0]).toBe("no test ran");
});
