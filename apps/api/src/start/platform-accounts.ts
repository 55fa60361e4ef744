import type { Config } from "@call-ledger/config";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { Credential } from "@call-ledger/providers";
import type { IngestPorts } from "../ingest/ingest-ports.ts";

/** The accounts that deliveries are verified against: each provider's platform account, which has no id in its path. */
export function platformAccounts(config: Config): IngestPorts["accountOf"] {
  const vapi: Credential = {
    secrets: config.VAPI_WEBHOOK_SECRET,
    mode: config.VAPI_WEBHOOK_AUTH,
    hmacPlan: null,
  };
  const credentials = new Map([["vapi", vapi]]);
  return (provider, accountId) => {
    const id = PLATFORM_ACCOUNTS[provider];
    const credential = credentials.get(provider);
    if (accountId !== null || id === undefined || credential === undefined) return null;
    return { id, credential };
  };
}
