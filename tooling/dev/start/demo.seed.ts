import { LINK_PREFIX, newToken } from "@call-ledger/credentials";
import type { Change } from "@call-ledger/db/access";
import {
  addAgent,
  addOperatorLink,
  addOrganization,
  listAgents,
  listOrganizations,
  OPERATOR,
} from "@call-ledger/db/access";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { asOperator } from "@call-ledger/db-operator/admin";

const DEMO_ORGANIZATION = "Demo clinic";

/** The demo agent's id at its provider. It is fixed, so that a printed command stays valid. */
export const DEMO_ASSISTANT = "de300000-0000-4000-8000-000000000001";

/**
 * Creates the demo organization and its agent if they are missing. Returns the token of a link that signs the operator
 * in, once, within 15 minutes.
 */
export function seedDemo(ownerUrl: string): Promise<string> {
  return asOperator(ownerUrl, async (db) => {
    const organizations = await listOrganizations(db);
    if (!(await hasDemoAgent(db, organizations))) {
      const { id } =
        organizations.find(({ name }) => name === DEMO_ORGANIZATION) ??
        (await addOrganization(db, OPERATOR, { name: DEMO_ORGANIZATION }));
      await addAgent(
        db,
        { orgId: id, actor: OPERATOR },
        {
          accountId: PLATFORM_ACCOUNTS.vapi ?? "",
          providerAgentId: DEMO_ASSISTANT,
          name: "Demo receptionist",
        },
      );
    }
    const { token, hash } = newToken(LINK_PREFIX);
    await addOperatorLink(db, hash);
    return token;
  });
}

/** Whether an organization has the agent. The demo organization can have another name now. */
async function hasDemoAgent(db: Change, organizations: readonly { readonly id: string }[]): Promise<boolean> {
  for (const { id } of organizations) {
    const agents = await listAgents(db, id);
    if (agents.some((one) => one.providerAgentId === DEMO_ASSISTANT && one.removedAt === null)) return true;
  }
  return false;
}
