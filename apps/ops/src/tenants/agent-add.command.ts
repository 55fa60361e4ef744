import { DbError } from "@call-ledger/db/client";
import type { AgentToAdd } from "@call-ledger/db-operator/admin";
import { addAgent, withOwner } from "@call-ledger/db-operator/admin";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { Command } from "../cli/command.ts";
import { failure, usage } from "../cli/command.ts";
import { neededText, optionalText, uuidIn } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { agentDocument } from "./agent.document.ts";

/** As the constraint agents_phone_number_e164. */
const E164 = /^\+[1-9]\d{1,14}$/;
const LONGEST_ID = 200;

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

export const agentAddCommand: Command = {
  about:
    "Says that calls of an assistant, and calls to a number, belong to an organization. A call is recognised by the " +
    "assistant first, then by the number. What was quarantined for want of this agent is booked within seconds by a " +
    "running server, or by quarantine replay.",
  options: {
    org: { takes: "value", value: "ID", about: "the organization", required: true },
    account: {
      takes: "value",
      value: "ID",
      about: "the organization's own account that the assistant is at; default: the platform's",
    },
    assistant: { takes: "value", value: "ID", about: "the provider's id of the assistant", required: true },
    phone: { takes: "value", value: "NUMBER", about: "our own number, such as +12025550100" },
    "phone-number-id": { takes: "value", value: "ID", about: "the provider's id of our own number" },
    name: { takes: "value", value: "NAME", about: "what people call the agent" },
  },
  examples: [
    "agent add --org 5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711 --assistant ASSISTANT_ID --phone +12025550100",
  ],

  async run(input, { env }) {
    const account = optionalText(input, "account");
    const agent: AgentToAdd = {
      provider: DEFAULT_PROVIDER.provider,
      accountId: account === undefined ? undefined : uuidIn(account, "--account"),
      orgId: uuidIn(neededText(input, "org"), "--org"),
      providerAgentId: idIn(neededText(input, "assistant"), "--assistant"),
      phone: optionalText(input, "phone"),
      phoneNumberId: optionalText(input, "phone-number-id"),
      name: optionalText(input, "name"),
    };
    if (agent.phone !== undefined && !E164.test(agent.phone)) {
      throw usage(
        "--phone is a number in E.164 form: + and 2 to 15 digits without blanks, such as +12025550100.",
      );
    }
    if (agent.phoneNumberId !== undefined) idIn(agent.phoneNumberId, "--phone-number-id");
    const added = await withOwner(ownerUrl(env), (owner) => addAgent(owner, agent).catch(refusal));
    return {
      document: agentDocument(added),
      text: [`Agent ${added.id} of organization ${added.orgId}`],
    };
  },
};

function idIn(text: string, option: string): string {
  if (text.length > LONGEST_ID) throw usage(`${option} has at most ${LONGEST_ID} characters.`);
  return text;
}

function refusal(error: unknown): never {
  const said = error instanceof DbError ? REFUSALS.get(error.constraint ?? "") : undefined;
  throw said === undefined ? error : failure(said);
}
