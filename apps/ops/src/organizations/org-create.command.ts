import { createOrganization, withOwner } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { organizationDocument } from "./organization.document.ts";

export const orgCreateCommand = command({
  about:
    "Adds an organization: the tenant that agents and calls belong to. Names need not differ; the id does.",
  options: { name: { value: "NAME", about: "what people call it", required: true } },
  examples: ['org create --name "Northgate Dental"'],

  async run({ name }, { env, program }) {
    const organization = await withOwner(ownerUrl(env), (owner) => createOrganization(owner, { name }));
    return {
      document: organizationDocument(organization),
      text: [
        `Organization ${organization.id}`,
        `Next: ${program} agent add --org ${organization.id} --assistant ID`,
      ],
    };
  },
});
