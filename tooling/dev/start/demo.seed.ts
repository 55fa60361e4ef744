import { LINK_PREFIX, newToken } from "@call-ledger/credentials";
import { addOperatorLink } from "@call-ledger/db/access";
import {
  addAgent,
  asOperator,
  createOrganization,
  listAgents,
  listOrganizations,
  withOwner,
} from "@call-ledger/db-operator/admin";

const DEMO_ORGANIZATION = "Demo clinic";

/** The demo agent's id at its provider. It is fixed, so that a printed command stays valid. */
export const DEMO_ASSISTANT = "de300000-0000-4000-8000-000000000001";

/**
 * Creates the demo organization and its agent if they are missing.
 * @returns the token of a link that signs the operator in, once, within 15 minutes
 */
export async function seedDemo(ownerUrl: string): Promise<string> {
  await withOwner(ownerUrl, async (owner) => {
    const organizations = await listOrganizations(owner);
    const { id } =
      organizations.find(({ name }) => name === DEMO_ORGANIZATION) ??
      (await createOrganization(owner, { name: DEMO_ORGANIZATION }));
    const agents = await listAgents(owner, id);
    if (!agents.some((agent) => agent.providerAgentId === DEMO_ASSISTANT)) {
      await addAgent(owner, {
        provider: "vapi",
        orgId: id,
        providerAgentId: DEMO_ASSISTANT,
        name: "Demo receptionist",
      });
    }
  });
  const { token, hash } = newToken(LINK_PREFIX);
  await asOperator(ownerUrl, (db) => addOperatorLink(db, hash));
  return token;
}
