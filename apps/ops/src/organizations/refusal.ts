import { DbError } from "@call-ledger/db/errors";
import { failure } from "../cli/command.ts";

const NO_ORGANIZATION = "There is no such organization; org list shows those there are.";

/** What a constraint says to whoever broke it. None of it names a number. */
const REFUSALS: ReadonlyMap<string, string> = new Map([
  ["agents_org_id_fkey", NO_ORGANIZATION],
  ["alert_channels_org_id_fkey", NO_ORGANIZATION],
  ["alert_channels_name_bounded", "A channel's name has 1 to 100 characters."],
  ["api_keys_org_id_fkey", NO_ORGANIZATION],
  ["members_org_id_fkey", NO_ORGANIZATION],
  ["provider_accounts_org_id_fkey", NO_ORGANIZATION],
  ["provider_accounts_recording_hosts_bounded", "An account may name 20 hosts of recordings at most."],
  ["agents_provider_account_fkey", "There is no such account; account list shows those there are."],
  [
    "agents_account_of_own_organization",
    "The account given with --account is another organization's; account list shows whose.",
  ],
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

/** Throws a failure if the error is a constraint's that an operator can break, else the error. */
export function refusal(error: unknown): never {
  const said = error instanceof DbError ? REFUSALS.get(error.constraint ?? "") : undefined;
  throw said === undefined ? error : failure(said);
}
