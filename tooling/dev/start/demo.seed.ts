import { openAdmin } from "@call-ledger/db-operator/admin";

const DEMO_ORGANIZATION = "Demo clinic";

/** The demo agent's id at its provider: fixed, so that a printed command stays right. */
export const DEMO_ASSISTANT = "de300000-0000-4000-8000-000000000001";

/** Makes the demo organization and its agent unless they are there. */
export async function seedDemo(ownerUrl: string): Promise<void> {
  const admin = openAdmin(ownerUrl);
  try {
    const organizations = await admin.listOrganizations();
    const { id } =
      organizations.find(({ name }) => name === DEMO_ORGANIZATION) ??
      (await admin.createOrganization({ name: DEMO_ORGANIZATION }));
    const agents = await admin.listAgents(id);
    if (agents.some((agent) => agent.providerAgentId === DEMO_ASSISTANT)) return;
    await admin.addAgent({
      provider: "vapi",
      orgId: id,
      providerAgentId: DEMO_ASSISTANT,
      name: "Demo receptionist",
    });
  } finally {
    await admin.close();
  }
}
