import { DbError } from "@call-ledger/db/errors";
import { failure } from "../cli/command.ts";

const NO_ORGANIZATION = "There is no such organization; org list shows the organizations.";

/** The message for an operator who violates a constraint. No message contains a phone number. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ["agents_org_id_fkey", NO_ORGANIZATION],
  ["alert_channels_org_id_fkey", NO_ORGANIZATION],
  ["alert_channels_name_bounded", "A channel's name has 1 to 100 characters."],
  ["api_keys_org_id_fkey", NO_ORGANIZATION],
  ["members_org_id_fkey", NO_ORGANIZATION],
  ["members_one_live_email", "The address was added a moment ago; run the command again for a link."],
  ["provider_accounts_org_id_fkey", NO_ORGANIZATION],
  ["provider_accounts_recording_hosts_bounded", "An account can have at most 20 hosts of recordings."],
  ["agents_provider_account_fkey", "There is no such account; account list shows the accounts."],
  [
    "agents_account_of_own_organization",
    "The account of --account belongs to another organization; account list shows which.",
  ],
  [
    "agents_one_live_provider_agent",
    "This assistant already belongs to an organization; agent list shows which. It can belong to one only.",
  ],
  ["agents_one_live_phone_number", "The number of --phone belongs to another agent; agent list shows which."],
  [
    "agents_one_live_provider_phone_number",
    "The id of --phone-number-id belongs to another agent; agent list shows which.",
  ],
]);

/** Throws a failure if the error comes from a constraint that an operator can violate, else the error itself. */
export function refusal(error: unknown): never {
  const text = error instanceof DbError ? REFUSALS.get(error.constraint ?? "") : undefined;
  throw text === undefined ? error : failure(text);
}
