import type { ExitCode } from "../../cli/command.ts";
import { OpsError } from "../../cli/command.ts";

/** What a look at the inputs showed. */
export type Finding = {
  readonly ok: boolean;
  /** What was seen, with its figures; never a secret, a phone number or a transcript. */
  readonly found: string;
  /** What to do now; needed where it is not ok. */
  readonly next?: string;
};

/** One question that a program can answer. */
export type Check<Inputs> = {
  /** In snake_case, unique within its command, and never reused for another question. */
  readonly id: string;
  readonly expected: string;
  /** An earlier check of the same list: if it does not hold, this one says nothing and is left out. */
  readonly needs?: string;
  look(inputs: Inputs): Promise<Finding>;
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
  /** The ids of those that were not asked, because what they need has failed. */
  readonly leftOut: readonly string[];
  /** 0, 1, or 3 where what was needed for an answer could not be reached or is missing. */
  readonly exitCode: ExitCode;
};

/**
 * Answers the checks one after another and hands each answer to `answered` as it comes. A check that throws is a failed
 * one. Checks that follow from a failure are left out: a check that needs one that failed, all that come after something out of
 * reach, and whatever throws the same words again.
 */
export async function runChecks<Inputs>(
  checks: readonly Check<Inputs>[],
  inputs: Inputs,
  answered: (item: CheckedItem) => void,
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
      : await check.look(inputs).catch((error: unknown): Finding | null => {
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
    answered(item);
  }
  const ok = items.every((item) => item.ok);
  return { ok, checks: items, leftOut, exitCode: ok ? 0 : outOfReach ? 3 : 1 };
}

/** Several reports as one: all have to hold, and what is out of reach weighs more than what failed. */
export function joinedReports(reports: readonly CheckResult[]): CheckResult {
  const exitCodes = reports.map(({ exitCode }) => exitCode);
  return {
    ok: reports.every(({ ok }) => ok),
    checks: reports.flatMap(({ checks }) => checks),
    leftOut: reports.flatMap(({ leftOut }) => leftOut),
    exitCode: ([4, 3, 2, 1] as const).find((code) => exitCodes.includes(code)) ?? 0,
  };
}

function itemOf<Inputs>({ id, expected }: Check<Inputs>, finding: Finding): CheckedItem {
  const { ok, found, next = null } = finding;
  return { id, ok, expected, found, next: ok ? null : next };
}
