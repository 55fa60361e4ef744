import {
  addAgent,
  createOrganization,
  listAgents,
  listOrganizations,
  withOwner,
} from "@call-ledger/db-operator/admin";

const DEMO_ORGANIZATION = "Demo clinic";

/** The demo agent's id at its provider: fixed, so that a printed command stays right. */
export const DEMO_ASSISTANT = "de300000-0000-4000-8000-000000000001";

/** Makes the demo organization and its agent unless they are there. */
export async function seedDemo(ownerUrl: string): Promise<void> {
  await withOwner(ownerUrl, async (owner) => {
    const organizations = await listOrganizations(owner);
    const { id } =
      organizations.find(({ name }) => name === DEMO_ORGANIZATION) ??
      (await createOrganization(owner, { name: DEMO_ORGANIZATION }));
    const agents = await listAgents(owner, id);
    if (agents.some((agent) => agent.providerAgentId === DEMO_ASSISTANT)) return;
    await addAgent(owner, {
      provider: "vapi",
      orgId: id,
      providerAgentId: DEMO_ASSISTANT,
      name: "Demo receptionist",
    });
  });
}
