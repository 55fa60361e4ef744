import type { Agent } from "@call-ledger/db-operator/admin";

/** An agent as `--json` prints it: the columns of its row. */
export function agentDocument(agent: Agent) {
  return {
    id: agent.id,
    org_id: agent.orgId,
    provider: agent.provider,
    provider_account_id: agent.providerAccountId,
    provider_agent_id: agent.providerAgentId,
    phone_number: agent.phone,
    provider_phone_number_id: agent.phoneNumberId,
    name: agent.name,
    created_at: agent.createdAt.toISOString(),
  };
}
