import type { Organization } from "@call-ledger/db/access";
import { addOrganization, listOrganizations, OPERATOR } from "@call-ledger/db/access";
import { asOperator } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { documentOf, listResult } from "../cli/list-result.ts";
import { ownerUrl } from "../database/owner-url.ts";

export const orgCreateCommand = command({
  about:
    "Adds an organization, to which agents and calls belong. Two organizations can have the same name; the id is unique.",
  options: { name: { value: "NAME", about: "a name for people", required: true } },
  examples: ['org create --name "Northgate Dental"'],

  async run({ name }, { env, program }) {
    const organization = await asOperator(ownerUrl(env), (db) => addOrganization(db, OPERATOR, { name }));
    return {
      document: documentOf(shown(organization)),
      text: [
        `Organization ${organization.id}`,
        `Next: ${program} agent add --org ${organization.id} --assistant ID`,
      ],
    };
  },
});

export const orgListCommand = command({
  about: "Shows all organizations, oldest first.",
  options: {},
  examples: ["org list", "org list --json   prints [{id, name, created_at}]"],

  async run(_options, { env, program }) {
    return listResult((await asOperator(ownerUrl(env), listOrganizations)).map(shown), {
      columns: { ID: ({ id }) => id, NAME: ({ name }) => name, CREATED: ({ createdAt }) => createdAt },
      none: `No organizations yet: ${program} org create --name NAME`,
    });
  },
});

function shown({ id, name, createdAt }: Organization) {
  return { id, name, createdAt };
}
