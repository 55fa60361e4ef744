import { expect, test } from "vitest";
import { versionFinding } from "./database.checks.ts";

test("postgres_version: only the tested majors", () => {
  expect([14, 15, 18, 19].map((major) => versionFinding(major).ok)).toEqual([false, true, true, false]);
});
