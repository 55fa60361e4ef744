import { listOrganizations, withOwner } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { organizationDocument } from "./organization.document.ts";

export const orgListCommand = command({
  about: "Shows all organizations, the oldest first.",
  options: {},
  examples: ["org list", "org list --json   prints [{id, name, created_at}]"],

  async run(_options, { env, program }) {
    const organizations = await withOwner(ownerUrl(env), (owner) => listOrganizations(owner));
    const documents = organizations.map(organizationDocument);
    return {
      document: documents,
      text:
        documents.length === 0
          ? [`No organizations yet: ${program} org create --name NAME`]
          : table(
              ["ID", "NAME", "CREATED"],
              documents.map(({ id, name, created_at }) => [id, name, created_at]),
            ),
    };
  },
});
