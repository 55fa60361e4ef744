import { expect, test } from "vitest";
import { summaryLines } from "../src/vitest/left-out.reporter.ts";

const leftOut = new Map([["needs pgbouncer: apt-get install pgbouncer", 3]]);

test("the last line has the counts", () => {
  expect(summaryLines({ passed: 7, failed: 1, leftOut: new Map() }, true)).toEqual([
    "tests: 7 passed, 1 failed",
  ]);
});

test("a left-out test is named with the package that it needs", () => {
  expect(summaryLines({ passed: 7, failed: 0, leftOut }, false)).toEqual([
    "left out: 3 tests, needs pgbouncer: apt-get install pgbouncer",
    "tests: 7 passed, 0 failed",
  ]);
});

test("under CI=true the reporter says that nothing may be left out", () => {
  expect(summaryLines({ passed: 7, failed: 0, leftOut }, true)).toContain(
    "CI=true allows nothing to be left out.",
  );
});

test("a run without a test is reported", () => {
  expect(summaryLines({ passed: 0, failed: 0, leftOut: new Map() }, false)[0]).toBe("no test ran");
});
