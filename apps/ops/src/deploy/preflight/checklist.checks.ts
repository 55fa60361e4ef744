import type { Check } from "../checks/check.ts";
import type { PreflightWorld } from "./preflight.world.ts";

/** The boxes of the guide's checklist that no program can tick. */
export const CHECKLIST: readonly Check<PreflightWorld>[] = [
  asked(
    "access_supabase_dashboard",
    [12],
    "Can you log in to the Supabase dashboard, or wherever the database is administered?",
  ),
  asked(
    "access_render_dashboard",
    [13],
    "Can you log in to the Render dashboard, or wherever the server runs?",
  ),
  asked("reviewed_webhook_changes", [19], "Have the changes to the handling of webhooks been reviewed?"),
  asked("reviewed_migrations", [20, 21, 22], async ({ inspection }) => {
    // A database that does not answer has failed its own checks; the question stays.
    const pending = await inspection.schemaStanding().then(
      (standing) => standing.pending,
      () => null,
    );
    const which =
      pending === null ? "not known" : pending.length === 0 ? "none is pending" : pending.join(", ");
    return `Have the migrations been reviewed (${which})?`;
  }),
  asked(
    "no_conflicting_branches",
    [23],
    "Is there no other branch with changes that conflict, migrations above all?",
  ),
  asked("fixes_present", [24], "Does this commit hold everything that is to be deployed?"),
  asked("tests_passed", [28], "Have all tests passed on this commit?"),
  asked("tested_by_hand", [29], "Has the handling of webhooks been tried by hand?"),
];

type Question = string | ((world: PreflightWorld) => Promise<string>);

function asked(id: string, guideLines: readonly number[], question: Question): Check<PreflightWorld> {
  return {
    id,
    guideLines,
    expected: "a person says yes",
    async look(world) {
      const text = typeof question === "string" ? question : await question(world);
      const { yes, by } = await world.confirm(text);
      return {
        ok: yes === true,
        found: yes === null ? `nobody to ask: ${text}` : `${yes ? "yes" : "no"}, ${by}`,
        next:
          yes === null
            ? `Run it in a terminal, or answer every question of the checklist with ${world.program} preflight --yes`
            : "See to it, then run preflight again.",
      };
    },
  };
}
