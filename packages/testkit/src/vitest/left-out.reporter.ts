import type { Reporter, TestCase, TestModule } from "vitest/node";
import { isContinuousIntegration } from "./system.tool.ts";

/** The counts of a run, and the tests that it left out, by reason. */
export type RunSummary = {
  readonly passed: number;
  readonly failed: number;
  /** The number of tests by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
};

/**
 * Prints the last lines of a run: the tests that were left out with the package that they need, then `tests: N passed,
 * N failed`. Left-out tests fail the run if CI=true, or if no test ran at all.
 */
export default class LeftOutReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const summary = summarize(modules, unhandled.length);
    const strict = isContinuousIntegration();
    if (summary.passed + summary.failed === 0 || (strict && summary.leftOut.size > 0)) process.exitCode = 1;
    process.stdout.write(`${summaryLines(summary, strict).join("\n")}\n`);
  }
}

function summarize(modules: readonly TestModule[], unhandled: number): RunSummary {
  const leftOut = new Map<string, number>();
  let passed = 0;
  let failed = unhandled;
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") passed += 1;
      else if (state === "failed") failed += 1;
      else {
        const reason = reasonOf(test);
        leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
      }
    }
  }
  return { passed, failed, leftOut };
}

function reasonOf(test: TestCase): string {
  for (let part: TestCase["parent"] = test.parent; part.type === "suite"; part = part.parent) {
    const { leftOut } = part.meta();
    if (leftOut) return `needs ${leftOut.tool}: apt-get install ${leftOut.debianPackage}`;
  }
  return "skipped in the source";
}

/** Returns the lines to print. */
export function summaryLines({ passed, failed, leftOut }: RunSummary, strict: boolean): string[] {
  const lines = [...leftOut].map(
    ([reason, count]) => `left out: ${count} ${count === 1 ? "test" : "tests"}, ${reason}`,
  );
  if (strict && leftOut.size > 0) lines.push("CI=true allows nothing to be left out.");
  if (passed + failed === 0) lines.push("no test ran");
  return [...lines, `tests: ${passed} passed, ${failed} failed`];
}
