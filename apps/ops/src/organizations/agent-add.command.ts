import { DbError } from "@call-ledger/db/client";
import { addAgent, withOwner } from "@call-ledger/db-operator/admin";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import { command, failure, usage } from "../cli/command.ts";
import { uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { agentDocument } from "./agent.document.ts";

/** As the constraint agents_phone_number_e164. */
const E164 = /^\+[1-9]\d{1,14}$/;
const MAX_ID_LENGTH = 200;

/** What a constraint says to whoever broke it. None of it names a number. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ["agents_provider_account_fkey", "There is no such account; account list shows those there are."],
  [
    "agents_account_of_own_organization",
    "The account given with --account is another organization's; account list shows whose.",
  ],
  ["agents_org_id_fkey", "There is no such organization; org list shows those there are."],
  [
    "agents_one_live_provider_agent",
    "This assistant is registered already; agent list shows whose it is. One assistant belongs to one organization.",
  ],
  [
    "agents_one_live_phone_number",
    "The number given with --phone is another agent's; agent list shows whose.",
  ],
  [
    "agents_one_live_provider_phone_number",
    "The id given with --phone-number-id is another agent's; agent list shows whose.",
  ],
]);

export const agentAddCommand = command({
  about:
    "Says that calls of an assistant, and calls to a number, belong to an organization. A call is recognised by the " +
    "assistant first, then by the number. What was quarantined for want of this agent is booked within seconds by a " +
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
      document: agentDocument(added),
      text: [`Agent ${added.id} of organization ${added.orgId}`],
    };
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

function refusal(error: unknown): never {
  const said = error instanceof DbError ? REFUSALS.get(error.constraint ?? "") : undefined;
  throw said === undefined ? error : failure(said);
}
