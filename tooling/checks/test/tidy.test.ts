import { describe, expect, test } from "vitest";
import { projectFiles, read } from "./tracked-files.ts";

/* Rules of this project that our linters cannot express. */

const sources = projectFiles(/^(apps|packages|tests|tooling)\/.*\.(tsx?|mjs)$/);
const domain = projectFiles(/^packages\/domain\/src\/.*\.ts$/).filter(
  (path) => !/\.test\.ts$|\/testing\//.test(path),
);

/** Returns the lines of a file that match, without comments, as "path:line". */
function linesWith(path: string, pattern: RegExp): string[] {
  return read(path)
    .split("\n")
    .map((line, index) => ({
      code: line.replace(/^\s*(\/\*\*?|\*|\/\/).*$/, ""),
      place: `${path}:${index + 1}`,
    }))
    .filter(({ code }) => pattern.test(code))
    .map(({ place }) => place);
}

test("there are files to check", () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(domain.length).toBeGreaterThan(10);
});

describe("the domain", () => {
  test.each([
    ["is synchronous", /\bawait\b|\basync\b|\bPromise\b/],
    ["has no clock", /\bDate\.now\b|\bnew Date\(\)|\bperformance\b/],
    ["uses no random values", /\bMath\.random\b|\brandomUUID\b/],
    ["knows no provider", /\b(vapi|retell|elevenlabs|twilio|bland|livekit)\b/i],
  ])("%s", (_rule, pattern) => {
    expect(domain.flatMap((path) => linesWith(path, pattern))).toEqual([]);
  });
});

test("a file has at most 300 lines", () => {
  expect(sources.filter((path) => read(path).split("\n").length > 301)).toEqual([]);
});

test("no source has a note about unfinished work", () => {
  const unfinished = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`);
  expect(sources.flatMap((path) => linesWith(path, unfinished))).toEqual([]);
});

test("no test is skipped or alone", () => {
  const tests = sources.filter((path) => path.endsWith(".test.ts") && !path.includes("tooling/checks"));
  expect(tests.flatMap((path) => linesWith(path, /\b(test|describe|it)\.(only|skip|todo)\(/))).toEqual([]);
});
