import { addAgent, listAgents, withOwner } from "@call-ledger/db-operator/admin";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import { command, usage } from "../cli/command.ts";
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
