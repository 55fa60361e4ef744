import type { Check } from "../checks/check.ts";
import type { PreflightInputs } from "./preflight.inputs.ts";

/** The questions of the checklist that only a person can answer. */
export const CHECKLIST: readonly Check<PreflightInputs>[] = [
  questionCheck(
    "access_supabase_dashboard",
    "Can you log in to the Supabase dashboard, or the place where the database is administered?",
  ),
  questionCheck(
    "access_render_dashboard",
    "Can you log in to the Render dashboard, or to the place where the server runs?",
  ),
  questionCheck("reviewed_webhook_changes", "Have the changes to the handling of webhooks been reviewed?"),
  questionCheck("reviewed_migrations", async ({ inspection }) => {
    // A database that does not answer fails its own checks. The question is asked nevertheless.
    const pending = await inspection.schemaStanding().then(
      (standing) => standing.pending,
      () => null,
    );
    const which =
      pending === null ? "not known" : pending.length === 0 ? "none is pending" : pending.join(", ");
    return `Have the migrations been reviewed (${which})?`;
  }),
  questionCheck(
    "no_conflicting_branches",
    "Is there no other branch with changes that conflict, migrations above all?",
  ),
  questionCheck("fixes_present", "Does this commit contain all changes for this deployment?"),
  questionCheck("tests_passed", "Have all tests passed on this commit?"),
  questionCheck("tested_by_hand", "Has the handling of webhooks been tried by hand?"),
];

type Question = string | ((inputs: PreflightInputs) => Promise<string>);

function questionCheck(id: string, question: Question): Check<PreflightInputs> {
  return {
    id,
    expected: "a person answers yes",
    async run(inputs) {
      const text = typeof question === "string" ? question : await question(inputs);
      const { yes, by } = await inputs.confirm(text);
      return {
        ok: yes === true,
        found: yes === null ? `nobody to ask: ${text}` : `${yes ? "yes" : "no"}, ${by}`,
        next:
          yes === null
            ? `Run it in a terminal, or answer every question of the checklist with ${inputs.program} preflight --yes`
            : "Do it, then run preflight again.",
      };
    },
  };
}
