import { listAgents, withOwner } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { agentDocument } from "./agent.document.ts";

export const agentListCommand = command({
  about: "Shows the agents of all organizations, or of one, the oldest first. Deleted ones are left out.",
  options: { org: { value: "ID", about: "of this organization only", parse: uuid } },
  examples: ["agent list", "agent list --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json"],

  async run({ org }, { env }) {
    const agents = await withOwner(ownerUrl(env), (owner) => listAgents(owner, org));
    const documents = agents.map(agentDocument);
    return {
      document: documents,
      text:
        documents.length === 0
          ? ["No agents."]
          : table(
              ["ID", "ORGANIZATION", "ASSISTANT", "PHONE", "NAME"],
              documents.map((agent) => [
                agent.id,
                agent.org_id,
                agent.provider_agent_id,
                agent.phone_number ?? agent.provider_phone_number_id,
                agent.name,
              ]),
            ),
    };
  },
});
