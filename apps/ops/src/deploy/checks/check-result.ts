import type { Result } from "../../cli/command.ts";
import type { CheckedItem, CheckResult } from "./check.ts";

/** Returns the lines of one answer for people. A failed check has its expectation and its next step. */
export function answerLines({ id, ok, expected, found, next }: CheckedItem): readonly string[] {
  if (ok) return [`ok      ${id}: ${found}`];
  const advice = next === null ? [] : [`        next: ${next}`];
  return [`FAILED  ${id}: ${found}`, `        expected: ${expected}`, ...advice];
}

/**
 * Returns a report as a command's result, with `more` in its document. The answers were printed before, as they came.
 */
export function resultOf({ ok, checks, leftOut, exitCode }: CheckResult, more: object = {}): Result {
  const failed = checks.filter((item) => !item.ok).map(({ id }) => id);
  return {
    document: { ok, checks, left_out: leftOut, ...more },
    text: ok
      ? [`All ${checks.length} checks hold.`]
      : [
          `${failed.length} of ${checks.length} checks failed: ${failed.join(", ")}`,
          ...(leftOut.length === 0 ? [] : [`Skipped because of that: ${leftOut.join(", ")}`]),
        ],
    exitCode,
  };
}
