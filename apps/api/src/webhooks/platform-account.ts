import type { Config } from "@call-ledger/config";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { ReceivingAccount } from "@call-ledger/ingest";
import { PROVIDERS } from "@call-ledger/providers";

/** Returns the platform account of a provider. Its path has no id, and its secret is in the environment. */
export function platformAccount(config: Config): (provider: string) => ReceivingAccount | null {
  const accounts = new Map(
    PROVIDERS.flatMap(({ provider, platform, credentialOf }) => {
      const id = PLATFORM_ACCOUNTS[provider];
      const credential = credentialOf(platform.accountIn(config));
      return id === undefined || credential === null ? [] : [[provider, { id, credential }] as const];
    }),
  );
  return (provider) => accounts.get(provider) ?? null;
}
