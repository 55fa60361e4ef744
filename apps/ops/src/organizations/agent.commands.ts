import { addAgent, listAgents, moveAgent, removeAgent, withOwner } from "@call-ledger/db-operator/admin";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import { command, failure, usage } from "../cli/command.ts";
import { documentOf, listed, ORGANIZATION_FILTER } from "../cli/listed.ts";
import { uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { refusal } from "./refusal.ts";

/** As the constraint agents_phone_number_e164. */
const E164 = /^\+[1-9]\d{1,14}$/;
const MAX_ID_LENGTH = 200;

export const agentAddCommand = command({
  about:
    "Says that calls of an assistant, and calls to a number, belong to an organization. A call is recognised by the " +
    "assistant first, then by the number. Deliveries that wait for this agent are booked within seconds by a " +
    "running server, or by quarantine replay.",
  options: {
    org: { value: "ID", about: "the organization", required: true, parse: uuid },
    account: {
      value: "ID",
      about: "the organization's own account that the assistant is at; default: the platform's",
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
    name: { value: "NAME", about: "what people call the agent" },
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
  about: "Shows the agents of all organizations, or of one, the oldest first. Deleted ones are left out.",
  options: { org: ORGANIZATION_FILTER },
  examples: ["agent list", "agent list --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --json"],

  async run({ org }, { env }) {
    return listed(await withOwner(ownerUrl(env), (owner) => listAgents(owner, org)), {
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
    "Removes an agent: deliveries of its assistant and to its number are not booked for its organization any more. Calls " +
    "that were booked stay. What waits, or comes before the number has a new agent, is not booked for the next owner by " +
    "itself: quarantine list shows it as organization_conflict.",
  options: {},
  values: "ID",
  examples: ["agent remove 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711"],

  async run(_options, { env }, values) {
    const id = agentIn(values);
    const removed = await withOwner(ownerUrl(env), (owner) => removeAgent(owner, id));
    if (removed === null) throw failure(`There is no agent ${id}; agent list shows those there are.`);
    return { document: documentOf(removed), text: [`Agent ${id} removed.`] };
  },
});

export const agentMoveCommand = command({
  about:
    "Gives an agent's assistant and number to another organization. Calls that were booked stay where they are, and what " +
    "waits is left to a person, as after agent remove. The agent has another id from then on.",
  options: { org: { value: "ID", about: "the organization that gets it", required: true, parse: uuid } },
  values: "ID",
  examples: ["agent move 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --org 0d0cc3a2-9d6b-4b3c-a1b6-3b9a56c7ad10"],

  async run({ org }, { env }, values) {
    const id = agentIn(values);
    const moved = await withOwner(ownerUrl(env), (owner) => moveAgent(owner, id, org).catch(refusal));
    if (moved === null) throw failure(`There is no agent ${id}; agent list shows those there are.`);
    return { document: documentOf(moved), text: [`Agent ${moved.id} of organization ${moved.orgId}`] };
  },
});

function agentIn([id, ...more]: readonly string[]): string {
  if (id === undefined || more.length > 0) throw usage("Name one agent by its id; agent list shows them.");
  return uuid(id, "The id of an agent");
}

function phoneNumber(text: string, option: string): string {
  if (E164.test(text)) return text;
  throw usage(
    `${option} is a number in E.164 form: + and 2 to 15 digits without blanks, such as +12025550100.`,
  );
}

function providersId(text: string, option: string): string {
  if (text.length > MAX_ID_LENGTH) throw usage(`${option} has at most ${MAX_ID_LENGTH} characters.`);
  return text;
}
