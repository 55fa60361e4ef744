import type { Administration, Agent, AgentChange, Change } from "@call-ledger/db/access";
import {
  addAgent,
  changeAgent,
  listAgentAccounts,
  listAgents,
  ownerOfAccount,
  removeAgent,
} from "@call-ledger/db/access";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import { reading } from "../ledger-reading.ts";
import { ApiProblem } from "../mount/api-problem.ts";
import type { OrganizationCaller } from "../mount/caller.ts";
import type { Handlers } from "../mount/handler.ts";
import type { Refusals } from "../refusals.ts";
import { badField, refusable } from "../refusals.ts";

const REFUSALS: Refusals = {
  agents_one_live_provider_agent: {
    code: "conflict",
    field: "body.provider_agent_id",
    detail: "This assistant is registered already. One assistant belongs to one organization.",
  },
  agents_one_live_phone_number: {
    code: "conflict",
    field: "body.phone_number",
    detail: "This number belongs to another agent.",
  },
  agents_one_live_provider_phone_number: {
    code: "conflict",
    field: "body.provider_phone_number_id",
    detail: "This id of a number belongs to another agent.",
  },
};

export type AgentPorts = {
  readonly administration: Administration;
  /** The start of the last call of each agent of an organization, by the agent's id. Throws LedgerUnreadable. */
  lastCalls(orgId: string): Promise<ReadonlyMap<string, Date>>;
};

/**
 * Handlers for the agents of an organization. A member or key changes agents at the organization's own accounts, an
 * operator also those at the platform's account.
 */
export function agentHandlers({
  administration,
  lastCalls,
}: AgentPorts): Pick<
  Handlers,
  "listAgents" | "listAgentAccounts" | "addAgent" | "changeAgent" | "removeAgent"
> {
  const as: As = ({ isOperator, orgId }, work) =>
    refusable(REFUSALS, () =>
      reading(() => (isOperator ? administration.asOperator(work) : administration.as(orgId, work))),
    );
  const found = async (caller: OrganizationCaller, id: string) => {
    const [agent] = await as(caller, (db) => listAgents(db, caller.orgId, id));
    if (agent === undefined) throw new ApiProblem("not_found");
    return agent;
  };
  /** The agent, if the caller may change it. Throws ApiProblem. */
  const changeable = async (caller: OrganizationCaller, id: string): Promise<Agent> => {
    const agent = await found(caller, id);
    if (agent.removedAt !== null) throw new ApiProblem("not_found");
    if (agent.isPlatforms && !caller.isOperator) throw PLATFORMS;
    return agent;
  };
  const shown = async (caller: OrganizationCaller, id: string) =>
    agentView(await found(caller, id), await lastCalls(caller.orgId));
  return {
    async listAgents({ caller }) {
      const agents = await as(caller, (db) => listAgents(db, caller.orgId));
      const calls = await lastCalls(caller.orgId);
      return { data: agents.map((agent) => agentView(agent, calls)) };
    },
    async listAgentAccounts({ caller }) {
      const accounts = await as(caller, (db) => listAgentAccounts(db, caller.orgId));
      return {
        data: accounts.map(({ isPlatforms, ...account }) => ({ ...account, is_platforms: isPlatforms })),
      };
    },
    addAgent: async ({ caller, body }) => shown(caller, await add(as, caller, body)),
    async changeAgent({ caller, params: { agent: id }, body }) {
      const before = await changeable(caller, id);
      const change: AgentChange = {
        name: body.name,
        phoneNumber: body.phone_number,
        providerPhoneNumberId: body.provider_phone_number_id,
      };
      await as(caller, (db) => changeAgent(db, caller.actor, before, change));
      return shown(caller, id);
    },
    async removeAgent({ caller, params: { agent: id } }) {
      const before = await changeable(caller, id);
      await as(caller, (db) => removeAgent(db, caller.actor, before));
      return null;
    },
  };
}

type As = <T>(caller: OrganizationCaller, work: (db: Change) => Promise<T>) => Promise<T>;

/** Adds an agent at an account that the caller may use, and returns its id. Throws ApiProblem. */
async function add(
  as: As,
  caller: OrganizationCaller,
  body: Parameters<Handlers["addAgent"]>[0]["body"],
): Promise<string> {
  const accountId = body.account_id ?? PLATFORM_ACCOUNTS[body.provider ?? DEFAULT_PROVIDER.provider];
  if (accountId === undefined) throw badField("body.provider", "is not a provider of this service.");
  const owner = await as(caller, (db) => ownerOfAccount(db, accountId));
  if (owner === null && !caller.isOperator) throw PLATFORMS;
  if (owner !== null && owner !== caller.orgId) throw STRANGE_ACCOUNT;
  const agent = {
    accountId,
    providerAgentId: body.provider_agent_id,
    providerPhoneNumberId: body.provider_phone_number_id,
    phoneNumber: body.phone_number,
    name: body.name,
  };
  return as(caller, (db) => addAgent(db, caller, agent));
}

const STRANGE_ACCOUNT = badField("body.account_id", "is not an account of the organization.");

const PLATFORMS = new ApiProblem("forbidden", {
  detail:
    "Only the operator may change agents at the platform's account. Give the account_id of the organization's own account.",
});

/** An agent as the contract describes it. */
export function agentView(agent: Agent, lastCalls: ReadonlyMap<string, Date>) {
  return {
    id: agent.id,
    name: agent.name,
    provider: agent.provider,
    account_id: agent.accountId,
    provider_agent_id: agent.providerAgentId,
    provider_phone_number_id: agent.providerPhoneNumberId,
    phone_number: agent.phoneNumber,
    created_at: agent.createdAt.toISOString(),
    removed_at: agent.removedAt?.toISOString() ?? null,
    last_call_at: lastCalls.get(agent.id)?.toISOString() ?? null,
  };
}
