import type { Result, Surroundings } from "../../cli/command.ts";
import { printable } from "../../cli/printable.ts";
import type { CheckedItem, CheckResult } from "./check.ts";

/**
 * Returns the lines of one answer for people. A failed check has its expectation and its next step. `found` may quote
 * names that strangers chose, so it is one line: a line break in a name could begin a step of its own.
 */
export function answerLines({ id, ok, expected, next, ...item }: CheckedItem): readonly string[] {
  const found = printable(item.found);
  if (ok) return [`ok      ${id}: ${found}`];
  const advice = next === null ? [] : [`        next: ${next}`];
  return [`FAILED  ${id}: ${found}`, `        expected: ${expected}`, ...advice];
}

/** Returns a listener for `runChecks` that prints each answer as progress. */
export function answersPrintedBy({ progress }: Pick<Surroundings, "progress">): (item: CheckedItem) => void {
  return (item) => {
    for (const line of answerLines(item)) progress(line);
  };
}

/** What a command adds to the result of its checks: fields of the document, and lines around the summary. */
type Additions = {
  readonly document?: object;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
};

/** Returns the result of checks as that of their command. The answers were printed before, as they came. */
export function checksResult(
  { ok, checks, leftOut, exitCode }: CheckResult,
  { document = {}, before = [], after = [] }: Additions = {},
): Result {
  const failed = checks.filter((item) => !item.ok).map(({ id }) => id);
  const skipped = leftOut.length === 0 ? [] : [`Skipped because of that: ${leftOut.join(", ")}`];
  const summary = ok
    ? [`All ${checks.length} checks hold.`]
    : [`${failed.length} of ${checks.length} checks failed: ${failed.join(", ")}`, ...skipped];
  return {
    document: { ok, checks, left_out: leftOut, ...document },
    text: [...before, ...summary, ...after],
    exitCode,
  };
}
