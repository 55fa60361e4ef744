import type { LedgerConstraint } from "@call-ledger/db-operator/admin";
import { constraintBack, dropConstraint, findConstraint, withOwner } from "@call-ledger/db-operator/admin";
import { command, failure, usage } from "../../cli/command.ts";
import { confirmName } from "../../cli/confirmation.ts";
import { ownerUrl } from "../../database/owner-url.ts";

export const rollbackConstraintCommand = command({
  about:
    "Drops one constraint of our tables, after it has printed the effect and you have typed the constraint's name. Accepts " +
    "only checks and foreign keys: without a unique constraint, deliveries could be booked twice. The table's comment stores " +
    "the statements that add the constraint again, and verify shows it as drift until then.",
  options: { confirm: { value: "NAME", about: "the constraint's name, if nobody can type it" } },
  values: "NAME",
  examples: ["rollback constraint call_logs_org_id_not_null"],

  async run({ confirm: given }, surroundings, values) {
    const { env, program } = surroundings;
    const [name, ...others] = values;
    if (name === undefined || others.length > 0) throw usage("Name one constraint.");
    return withOwner(ownerUrl(env), async (owner) => {
      const constraint = await findConstraint(owner, name);
      if (constraint === null) throw failure(`Our tables have no constraint ${name}. Was it dropped before?`);
      if (constraint.kind === "unique") {
        throw failure(
          `${name} keeps an event, a call or an upload unique, so it cannot be dropped. Next: ${program} rollback`,
        );
      }
      const changes = changesOf(constraint);
      await confirmName(surroundings, { name, given, warning: `${constraint.table}: ${changes}` });
      await dropConstraint(owner, constraint);
      const putBack = constraintBack(constraint);
      return {
        document: { dropped: name, table: constraint.table, changes, put_back: putBack },
        text: [
          `${name} is dropped. ${changes}`,
          `Next: ${program} quarantine replay --all, which books the deliveries that it refused.`,
          `After the code or the data are corrected, add it again: ${putBack}`,
        ],
      };
    });
  },
});

function changesOf({ kind, definition, redundant }: LedgerConstraint): string {
  if (redundant)
    return "Dropping it changes nothing: the column refuses NULL by itself, as a part of the primary key.";
  return kind === "check"
    ? `Rows that break it are accepted from then on: ${definition}.`
    : `Rows may point to missing rows from then on: ${definition}.`;
}
