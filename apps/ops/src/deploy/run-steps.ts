import type { ExitCode, Surroundings } from "../cli/command.ts";
import { OpsError } from "../cli/command.ts";

/** How a step of a deployment ended. */
export type StepEnd = { readonly ok: boolean; readonly found: string; readonly exitCode: ExitCode };

export type Step = {
  /** In snake_case. */
  readonly id: string;
  run(): Promise<StepEnd>;
};

type StepResult = {
  readonly id: string;
  readonly ok: boolean;
  /** To a tenth. */
  readonly minutes: number;
  readonly found: string;
};

export type StepsResult = {
  readonly steps: readonly StepResult[];
  /** Of the step that failed; 0: none did. */
  readonly exitCode: ExitCode;
};

const MINUTE_MS = 60_000;

/** Takes the steps one after another and stops at the first that fails; an OpsError is a failed step. */
export async function runSteps(
  steps: readonly Step[],
  { now, progress }: Pick<Surroundings, "now" | "progress">,
): Promise<StepsResult> {
  const reports: StepResult[] = [];
  for (const { id, run } of steps) {
    progress(`step ${reports.length + 1} of ${steps.length}: ${id}`);
    const begun = now();
    const { ok, found, exitCode } = await run().catch((error: unknown): StepEnd => {
      if (!(error instanceof OpsError)) throw error;
      return { ok: false, found: error.message, exitCode: error.exitCode };
    });
    const minutes = Math.round(((now() - begun) / MINUTE_MS) * 10) / 10;
    reports.push({ id, ok, minutes, found });
    progress(`${ok ? "done  " : "FAILED"}  ${id} (${minutes} min): ${found}`);
    if (!ok) return { steps: reports, exitCode };
  }
  return { steps: reports, exitCode: 0 };
}
