import type { Surroundings } from "../../cli/command.ts";
import type { Answer } from "./preflight.inputs.ts";

/**
 * Returns a function that answers the checklist's questions: with yes to all, or with the answers of the person at the
 * terminal.
 */
export function answersBy(
  { ask }: Pick<Surroundings, "ask">,
  yes: boolean,
): (question: string) => Promise<Answer> {
  if (yes) return async () => ({ yes: true, by: "by --yes" });
  return async (question) => {
    const answer = await ask(`${question} [y/N] `);
    return answer === null ? { yes: null, by: "" } : { yes: /^y(es)?$/i.test(answer), by: "by the operator" };
  };
}
