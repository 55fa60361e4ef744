import type { LedgerConstraint } from "@call-ledger/db-operator/admin";
import { constraintBack, dropConstraint, findConstraint, withOwner } from "@call-ledger/db-operator/admin";
import { command, failure, usage } from "../../cli/command.ts";
import { confirmName } from "../../cli/confirmation.ts";
import { ownerUrl } from "../../database/owner-url.ts";

export const rollbackConstraintCommand = command({
  about:
    "Drops one constraint of our tables, after saying what that changes and having its name typed. Only checks and " +
    "foreign keys: without a unique one nothing would be booked exactly once. The table's comment notes it with the " +
    "statements that put it back, and verify shows it as drift until then.",
  options: { confirm: { value: "NAME", about: "the constraint's name, where nobody can type it" } },
  values: "NAME",
  examples: ["rollback constraint call_logs_org_id_not_null"],

  async run({ confirm: given }, surroundings, values) {
    const { env, program } = surroundings;
    const [name, ...others] = values;
    if (name === undefined || others.length > 0) throw usage("Name one constraint.");
    return withOwner(ownerUrl(env), async (owner) => {
      const constraint = await findConstraint(owner, name);
      if (constraint === null) throw failure(`Our tables have no constraint ${name}: was it dropped before?`);
      if (constraint.kind === "unique") {
        throw failure(
          `${name} is what makes an event, a call or an upload exist once: it is not dropped. Next: ${program} rollback`,
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
          `Next: ${program} quarantine replay --all, which books what it had refused.`,
          `When code or data are mended, put it back: ${putBack}`,
        ],
      };
    });
  },
});

function changesOf({ kind, definition, redundant }: LedgerConstraint): string {
  if (redundant)
    return "Dropping it changes nothing: the column refuses NULL by itself, as a part of the primary key.";
  return kind === "check"
    ? `Rows that break it are taken from then on: ${definition}.`
    : `Rows may point to rows that are not there from then on: ${definition}.`;
}
