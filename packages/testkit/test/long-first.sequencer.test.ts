import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { LONG_FILES } from "../src/vitest/long-first.sequencer.ts";

test("the listed long files exist", () => {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  expect(LONG_FILES.filter((path) => !existsSync(`${root}${path}`))).toEqual([]);
});
