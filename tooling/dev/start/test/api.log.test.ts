import { expect, test } from "vitest";
import { isQuiet } from "../api.log.ts";

test.each([
  ['{"level":"info","msg":"request"}', true],
  ['{"level":"debug"}', true],
  ['{"level":"warn","msg":"slow"}', false],
  ['{"level":"error"}', false],
  ['{"calls":1}', false],
  ["{ not JSON", false],
  ["TypeError: x is not a function", false],
  ["", false],
])("%s is not shown: %s", (line, quiet) => {
  expect(isQuiet(`${line}\n`)).toBe(quiet);
});
