import { expect, test } from "vitest";
import { failure, unreachable } from "../../cli/command.ts";
import type { Check } from "./check.ts";
import { runChecks } from "./check.ts";
import { answerLines, checksResult } from "./check-result.ts";

const holds: Check<number> = {
  id: "holds",
  expected: "something",
  run: async (inputs) => ({ ok: true, found: `${inputs} of it`, next: "nothing" }),
};
const throwing = (id: string, error: Error): Check<number> => ({
  id,
  expected: "an answer",
  run: () => Promise.reject(error),
});

test("answers are passed on as they come, and all are in the result", async () => {
  const seen: string[] = [];
  const result = await runChecks([holds], 7, ({ id }) => seen.push(id));
  expect(seen).toEqual(["holds"]);
  expect(result).toEqual({
    ok: true,
    exitCode: 0,
    leftOut: [],
    checks: [{ id: "holds", ok: true, expected: "something", found: "7 of it", next: null }],
  });
  expect(checksResult(result)).toMatchObject({ document: { ok: true }, exitCode: 0 });
});

test("a check that throws has failed, and the others still run", async () => {
  const result = await runChecks([throwing("broken", failure("no such table")), holds], 7, () => undefined);
  expect(result.exitCode).toBe(1);
  expect(result.checks.map(({ ok, found }) => [ok, found])).toEqual([
    [false, "no such table"],
    [true, "7 of it"],
  ]);
  expect(checksResult(result).text).toEqual(["1 of 2 checks failed: broken"]);
});

test("checks that depend on a failed one are skipped and named", async () => {
  const fails: Check<number> = { ...holds, id: "fails", run: async () => ({ ok: false, found: "none" }) };
  const needs = (id: string, needed: string): Check<number> => ({ ...holds, id, needs: needed });
  const checks = [
    ...[fails, needs("a", "fails"), needs("b", "a"), holds, needs("c", "holds")],
    ...[throwing("first", failure("no such table")), throwing("second", failure("no such table"))],
    throwing("third", failure("another")),
  ];
  const result = await runChecks(checks, 7, () => undefined);
  expect(result.checks.map(({ id }) => id)).toEqual(["fails", "holds", "c", "first", "third"]);
  expect([result.leftOut, result.exitCode]).toEqual([["a", "b", "second"], 1]);
  expect(checksResult(result)).toMatchObject({
    document: { left_out: ["a", "b", "second"] },
    text: ["3 of 5 checks failed: fails, first, third", "Skipped because of that: a, b, second"],
  });
});

test("an unreachable service has an exit code of its own, and is not asked again", async () => {
  const result = await runChecks([throwing("far", unreachable("no answer")), holds], 7, () => undefined);
  expect([result.exitCode, result.checks.length, result.leftOut]).toEqual([3, 1, ["holds"]]);
  expect(answerLines(result.checks[0] as never)).toEqual([
    "FAILED  far: no answer",
    "        expected: an answer",
  ]);
});

test("an error of ours is not an answer", async () => {
  await expect(runChecks([throwing("bug", new TypeError("x"))], 7, () => undefined)).rejects.toThrow("x");
});
