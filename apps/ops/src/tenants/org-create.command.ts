import { createOrganization, withOwner } from "@call-ledger/db-operator/admin";
import type { Command } from "../cli/command.ts";
import { neededText } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { organizationDocument } from "./organization.document.ts";

export const orgCreateCommand: Command = {
  about:
    "Adds an organization: the tenant that agents and calls belong to. Names need not differ; the id does.",
  options: {
    name: { takes: "value", value: "NAME", about: "what people call it", required: true },
  },
  examples: ['org create --name "Northgate Dental"'],

  async run(input, { env, program }) {
    const name = neededText(input, "name");
    const organization = await withOwner(ownerUrl(env), (owner) => createOrganization(owner, { name }));
    return {
      document: organizationDocument(organization),
      text: [
        `Organization ${organization.id}`,
        `Next: ${program} agent add --org ${organization.id} --assistant ID`,
      ],
    };
  },
};
