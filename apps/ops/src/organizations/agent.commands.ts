import { addAgent, listAgents, moveAgent, removeAgent, withOwner } from "@call-ledger/db-operator/admin";
import { E164 } from "@call-ledger/domain";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import { command, failure, usage } from "../cli/command.ts";
import { documentOf, listResult, ORGANIZATION_FILTER } from "../cli/list-result.ts";
import { oneId, uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { refusal } from "./refusal.ts";

const MAX_ID_LENGTH = 200;
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
    const { provider } = DEFAULT_PROVIDER;
    const agent = {
      provider,
      orgId: org,
      accountId: account,
      providerAgentId: assistant,
      phone,
      phoneNumberId,
      name,
    };
    const added = await withOwner(ownerUrl(env), (owner) => addAgent(owner, agent).catch(refusal));
    return {
      document: documentOf(added),
      text: [`Agent ${added.id} of organization ${added.orgId}`],
    };
  },
});

export const agentListCommand = command({
  about: "Shows the agents of all organizations, or of one, oldest first, without deleted ones.",
  options: { org: ORGANIZATION_FILTER },
  examples: ["agent list", "agent list --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json"],

  async run({ org }, { env }) {
    return listResult(await withOwner(ownerUrl(env), (owner) => listAgents(owner, org)), {
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
    const removed = await withOwner(ownerUrl(env), (owner) => removeAgent(owner, id));
    if (removed === null) throw failure(`There is no agent ${id}; agent list shows the agents.`);
    return { document: documentOf(removed), text: [`Agent ${id} removed.`] };
  },
});

export const agentMoveCommand = command({
  about:
    "Gives an agent's assistant and number to another organization. Booked calls stay with the old one, and an operator " +
    "decides about waiting deliveries, as after agent remove. The agent gets a new id.",
  options: { org: { value: "ID", about: "the new organization", required: true, parse: uuid } },
  values: "ID",
  examples: ["agent move 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --org 0d0cc3a2-9d6b-4b3c-a1b6-3b9a56c7ad10"],

  async run({ org }, { env }, values) {
    const id = oneId(values, AGENT);
    const moved = await withOwner(ownerUrl(env), (owner) => moveAgent(owner, id, org).catch(refusal));
    if (moved === null) throw failure(`There is no agent ${id}; agent list shows the agents.`);
    return { document: documentOf(moved), text: [`Agent ${moved.id} of organization ${moved.orgId}`] };
  },
});

function phoneNumber(text: string, option: string): string {
  if (E164.test(text)) return text;
  throw usage(
    `${option} has to be a number in E.164 form: + and 2 to 15 digits without blanks, such as +12025550100.`,
  );
}

function providersId(text: string, option: string): string {
  if (text.length > MAX_ID_LENGTH) throw usage(`${option} can have at most ${MAX_ID_LENGTH} characters.`);
  return text;
}
