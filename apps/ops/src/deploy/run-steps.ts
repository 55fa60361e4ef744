import type { ExitCode, Surroundings } from "../cli/command.ts";
import { OpsError } from "../cli/command.ts";

/** The result of a step of a deployment. */
export type StepEnd = { readonly ok: boolean; readonly found: string; readonly exitCode: ExitCode };

export type Step = {
  /** In snake_case. */
  readonly id: string;
  run(): Promise<StepEnd>;
};

type StepResult = {
  readonly id: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly found: string;
};

export type StepsResult = {
  readonly steps: readonly StepResult[];
  /** The exit code of the failed step; 0: none failed. */
  readonly exitCode: ExitCode;
};

/**
 * Runs the steps one after another and stops at the first that fails. A step that throws an OpsError has failed.
 * `before` steps of all `of` have run.
 */
export async function runSteps(
  steps: readonly Step[],
  { now, progress }: Pick<Surroundings, "now" | "progress">,
  place: { readonly before: number; readonly of: number },
): Promise<StepsResult> {
  const results: StepResult[] = [];
  for (const { id, run } of steps) {
    progress(`step ${place.before + results.length + 1} of ${place.of}: ${id}`);
    const begun = now();
    const { ok, found, exitCode } = await run().catch((error: unknown): StepEnd => {
      if (!(error instanceof OpsError)) throw error;
      return { ok: false, found: error.message, exitCode: error.exitCode };
    });
    const seconds = Math.round((now() - begun) / 1_000);
    results.push({ id, ok, seconds, found });
    progress(`${ok ? "done  " : "FAILED"}  ${id} (${seconds} s): ${found}`);
    if (!ok) return { steps: results, exitCode };
  }
  return { steps: results, exitCode: 0 };
}
