import type { ExitCode } from "../../cli/command.ts";
import { OpsError } from "../../cli/command.ts";

/** The result of a check. */
export type Finding = {
  readonly ok: boolean;
  /** The facts with their figures; never a secret, a phone number or a transcript. */
  readonly found: string;
  /** The next step for the operator; required if the check failed. */
  readonly next?: string;
};

/** One question that a program can answer. */
export type Check<Inputs> = {
  /** In snake_case, unique within its command, and never used again for another question. */
  readonly id: string;
  readonly expected: string;
  /** An earlier check of the same list. If that one fails, this one is skipped. */
  readonly needs?: string;
  run(inputs: Inputs): Promise<Finding>;
};

export type CheckedItem = {
  readonly id: string;
  readonly ok: boolean;
  readonly expected: string;
  readonly found: string;
  readonly next: string | null;
};

export type CheckResult = {
  readonly ok: boolean;
  readonly checks: readonly CheckedItem[];
  /** The ids of the skipped checks, because a check that they need has failed. */
  readonly leftOut: readonly string[];
  /** 0, 1, or 3 if a resource that is needed for an answer is unreachable or missing. */
  readonly exitCode: ExitCode;
};

/**
 * Runs the checks one after another and passes each answer to `onAnswer` as it comes. A check that throws has failed.
 * Checks that depend on a failure are skipped: those that need a failed check, all after an unreachable resource, and a
 * check that throws the same message again.
 */
export async function runChecks<Inputs>(
  checks: readonly Check<Inputs>[],
  inputs: Inputs,
  onAnswer: (item: CheckedItem) => void,
): Promise<CheckResult> {
  const items: CheckedItem[] = [];
  const notHeld = new Set<string>();
  const leftOut: string[] = [];
  const thrown = new Set<string>();
  let outOfReach = false;
  for (const check of checks) {
    const known = thrown.size;
    const isAsked = !outOfReach && (check.needs === undefined || !notHeld.has(check.needs));
    const finding = !isAsked
      ? null
      : await check.run(inputs).catch((error: unknown): Finding | null => {
          if (!(error instanceof OpsError)) throw error;
          outOfReach = error.exitCode === 3;
          return thrown.add(error.message).size > known ? { ok: false, found: error.message } : null;
        });
    if (finding?.ok !== true) notHeld.add(check.id);
    if (finding === null) {
      leftOut.push(check.id);
      continue;
    }
    const item = itemOf(check, finding);
    items.push(item);
    onAnswer(item);
  }
  const ok = items.every((item) => item.ok);
  return { ok, checks: items, leftOut, exitCode: ok ? 0 : outOfReach ? 3 : 1 };
}

/**
 * Joins several results into one. All have to pass; an unreachable resource decides the exit code before a failed
 * check.
 */
export function joinedResults(results: readonly CheckResult[]): CheckResult {
  const exitCodes = results.map(({ exitCode }) => exitCode);
  return {
    ok: results.every(({ ok }) => ok),
    checks: results.flatMap(({ checks }) => checks),
    leftOut: results.flatMap(({ leftOut }) => leftOut),
    exitCode: ([4, 3, 2, 1] as const).find((code) => exitCodes.includes(code)) ?? 0,
  };
}

function itemOf<Inputs>({ id, expected }: Check<Inputs>, finding: Finding): CheckedItem {
  const { ok, found, next = null } = finding;
  return { id, ok, expected, found, next: ok ? null : next };
}
