import type { Environment } from "@call-ledger/config";
import type { Agent, AgentToAdd, Change } from "@call-ledger/db/access";
import { addAgent, listAgents, OPERATOR, removeAgent } from "@call-ledger/db/access";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { asOperator } from "@call-ledger/db-operator/admin";
import { E164, MAX_IDENTIFIER_LENGTH } from "@call-ledger/domain";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { OpsError } from "../cli/command.ts";
import { command, failure, usage } from "../cli/command.ts";
import { documentOf, listResult, ORGANIZATION_FILTER } from "../cli/list-result.ts";
import { oneId, uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { refusal } from "./refusal.ts";

const AGENT = { what: "agent", shownBy: "agent list" } as const;

export const agentAddCommand = command({
  about:
    "Assigns the calls of an assistant, and the calls to a number, to an organization. The assistant of a call decides " +
    "before its number. A running server books the deliveries that wait for this agent within seconds; so does " +
    "quarantine replay.",
  options: {
    org: { value: "ID", about: "the organization", required: true, parse: uuid },
    account: {
      value: "ID",
      about: "the organization's own account of the assistant; default: the platform's",
      parse: uuid,
    },
    assistant: {
      value: "ID",
      about: "the provider's id of the assistant",
      required: true,
      parse: providersId,
    },
    phone: { value: "NUMBER", about: "our own number, such as +12025550100", parse: phoneNumber },
    "phone-number-id": { value: "ID", about: "the provider's id of our own number", parse: providersId },
    name: { value: "NAME", about: "a name for people" },
  },
  examples: [
    "agent add --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --assistant ASSISTANT_ID --phone +12025550100",
  ],

  async run({ org, account, assistant, phone, phoneNumberId, name }, { env }) {
    const agent = {
      accountId: account ?? PLATFORM_ACCOUNTS[DEFAULT_PROVIDER.provider] ?? "",
      providerAgentId: assistant,
      phoneNumber: phone,
      providerPhoneNumberId: phoneNumberId,
      name,
    };
    const added = await registerAgent(env, org, agent);
    return {
      document: documentOf(shown(added)),
      text: [`Agent ${added.id} of organization ${added.orgId}`],
    };
  },
});

export const agentListCommand = command({
  about: "Shows the agents of all organizations, or of one, oldest first, without deleted ones.",
  options: { org: ORGANIZATION_FILTER },
  examples: ["agent list", "agent list --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json"],

  async run({ org }, { env }) {
    return listResult((await liveAgents(ownerUrl(env), org)).map(shown), {
      columns: {
        ID: ({ id }) => id,
        ORGANIZATION: ({ orgId }) => orgId,
        ASSISTANT: ({ providerAgentId }) => providerAgentId,
        PHONE: ({ phoneNumber, providerPhoneNumberId }) => phoneNumber ?? providerPhoneNumberId,
        NAME: ({ name }) => name,
      },
      none: "No agents.",
    });
  },
});

export const agentRemoveCommand = command({
  about:
    "Removes an agent: deliveries of its assistant and to its number are no longer booked for its organization. Booked " +
    "calls stay. Deliveries that wait, or that come before the number has a new agent, are not booked for the next " +
    "organization automatically: quarantine list shows them as organization_conflict.",
  options: {},
  values: "ID",
  examples: ["agent remove 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711"],

  async run(_options, { env }, values) {
    const id = oneId(values, AGENT);
    return { document: documentOf(shown(await unregisterAgent(env, id))), text: [`Agent ${id} removed.`] };
  },
});

export const agentMoveCommand = command({
  about:
    "Gives an agent's assistant and number to another organization. Calls that have begun stay with the old one to their " +
    "end, and an operator decides about waiting deliveries, as after agent remove. The agent gets a new id.",
  options: { org: { value: "ID", about: "the new organization", required: true, parse: uuid } },
  values: "ID",
  examples: ["agent move 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --org 0d0cc3a2-9d6b-4b3c-a1b6-3b9a56c7ad10"],

  async run({ org }, { env }, values) {
    const id = oneId(values, AGENT);
    const moved = await asOperator(ownerUrl(env), async (db) => {
      const agent = await remove(db, id);
      return agent === null ? null : add(db, org, agent);
    }).catch(refusal);
    if (moved === null) throw missing(id);
    return { document: documentOf(shown(moved)), text: [`Agent ${moved.id} of organization ${moved.orgId}`] };
  },
});

/** Returns the live agents of one organization or of all, oldest first. Throws DbError. */
export async function liveAgents(url: string, org?: string): Promise<Agent[]> {
  const agents = await asOperator(url, (db) => listAgents(db, org));
  return agents.filter(({ removedAt }) => removedAt === null);
}

/** Gives an organization an agent. Throws OpsError. */
export function registerAgent(env: Environment, orgId: string, agent: AgentToAdd): Promise<Agent> {
  return asOperator(ownerUrl(env), (db) => add(db, orgId, agent)).catch(refusal);
}

/** Removes a live agent. Throws OpsError if there is none. */
export async function unregisterAgent(env: Environment, id: string): Promise<Agent> {
  const removed = await asOperator(ownerUrl(env), (db) => remove(db, id));
  if (removed === null) throw missing(id);
  return removed;
}

async function add(db: Change, orgId: string, agent: AgentToAdd): Promise<Agent> {
  const { accountId, providerAgentId, providerPhoneNumberId, phoneNumber: phone, name } = agent;
  const given = { accountId, providerAgentId, providerPhoneNumberId, phoneNumber: phone, name };
  const id = await addAgent(db, { orgId, actor: OPERATOR }, given);
  const [added] = await listAgents(db, orgId, id);
  if (added === undefined) throw new Error("the inserted agent cannot be read");
  return added;
}

/** Removes a live agent; `null`: there is none. */
async function remove(db: Change, id: string): Promise<Agent | null> {
  const [agent] = await listAgents(db, undefined, id);
  if (agent === undefined || agent.removedAt !== null) return null;
  await removeAgent(db, OPERATOR, agent);
  return agent;
}

function missing(id: string): OpsError {
  return failure(`There is no agent ${id}; agent list shows the agents.`);
}

function shown({ accountId, isPlatforms: _, removedAt: __, ...agent }: Agent) {
  return { ...agent, providerAccountId: accountId };
}

function phoneNumber(text: string, option: string): string {
  if (E164.test(text)) return text;
  throw usage(
    `${option} has to be a number in E.164 form: + and 2 to 15 digits without blanks, such as +12025550100.`,
  );
}

function providersId(text: string, option: string): string {
  if (text.length > MAX_IDENTIFIER_LENGTH)
    throw usage(`${option} can have at most ${MAX_IDENTIFIER_LENGTH} characters.`);
  return text;
}
