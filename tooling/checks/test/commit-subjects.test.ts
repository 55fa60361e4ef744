import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { ROOT } from "./tracked-files.ts";

const MAX_CHARACTERS = 72;
const THIS_FILE = "tooling/checks/test/commit-subjects.test.ts";

/** Returns the subjects of the commits since this check was added. A shallow clone has only some of them. */
function subjects(): string[] {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  const added = git("log", "--diff-filter=A", "--format=%H", "--", THIS_FILE).split("\n").at(-1);
  const log = git("log", "--no-merges", "--format=%s", added ? `${added}..HEAD` : "HEAD", "-n", "500");
  return [git("log", "-1", "--format=%s"), ...log.split("\n").filter(Boolean)];
}

/** Returns the fault of a subject, or `null` if there is none. */
function fault(subject: string): string | null {
  if (subject.length > MAX_CHARACTERS) return `longer than ${MAX_CHARACTERS} characters`;
  return /^(Merge|Revert) |^[a-z][a-z0-9/-]*: \S/.test(subject)
    ? null
    : "not of the form `area: what changes`";
}

test("a subject is short and names its area", () => {
  const faults = subjects().flatMap((subject) =>
    fault(subject) === null ? [] : [`${subject}: ${fault(subject)}`],
  );
  expect(faults).toEqual([]);
});

test.each([
  ["recordings: accept R2 hosts", null],
  ["recordings", "not of the form `area: what changes`"],
  ["Accept R2 hosts", "not of the form `area: what changes`"],
  [`recordings: ${"a".repeat(61)}`, "longer than 72 characters"],
])("%s", (subject, expected) => {
  expect(fault(subject)).toBe(expected);
});
