import type { Result } from "../../cli/command.ts";
import type { CheckedItem, CheckResult } from "./check.ts";

/** One answer as people read it while the checks run; a failed one says what was expected and what to do. */
export function answerLines({ id, ok, expected, found, next }: CheckedItem): readonly string[] {
  if (ok) return [`ok      ${id}: ${found}`];
  const advice = next === null ? [] : [`        next: ${next}`];
  return [`FAILED  ${id}: ${found}`, `        expected: ${expected}`, ...advice];
}

/** A report as a command's result, with what else its document holds; the answers themselves were printed as they came. */
export function resultOf({ ok, checks, leftOut, exitCode }: CheckResult, more: object = {}): Result {
  const failed = checks.filter((item) => !item.ok).map(({ id }) => id);
  return {
    document: { ok, checks, left_out: leftOut, ...more },
    text: ok
      ? [`All ${checks.length} checks hold.`]
      : [
          `${failed.length} of ${checks.length} checks failed: ${failed.join(", ")}`,
          ...(leftOut.length === 0 ? [] : [`Not asked, because of that: ${leftOut.join(", ")}`]),
        ],
    exitCode,
  };
}
