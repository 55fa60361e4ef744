import { expect, test } from "vitest";
import { versionFinding } from "./database.checks.ts";

test("postgres_version: the majors that are tested, and no other", () => {
  expect([14, 15, 18, 19].map((major) => versionFinding(major).ok)).toEqual([false, true, true, false]);
});
