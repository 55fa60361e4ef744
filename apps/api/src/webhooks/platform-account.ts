import type { Config } from "@call-ledger/config";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { ReceivingAccount } from "@call-ledger/ingest";
import type { Credential } from "@call-ledger/providers";

/** Each provider's platform account, which has no id in its path and its secret in the environment. */
export function platformAccount(config: Config): (provider: string) => ReceivingAccount | null {
  const vapi: Credential = {
    secrets: config.VAPI_WEBHOOK_SECRET,
    mode: config.VAPI_WEBHOOK_AUTH,
    hmacPlan: null,
  };
  const credentials = new Map([["vapi", vapi]]);
  return (provider) => {
    const id = PLATFORM_ACCOUNTS[provider];
    const credential = credentials.get(provider);
    return id === undefined || credential === undefined ? null : { id, credential };
  };
}
