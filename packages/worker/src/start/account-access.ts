import { SecretUnreadable, secretBox } from "@call-ledger/credentials";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { WorkerSession } from "@call-ledger/db/jobs";
import { findAccountApiKey } from "@call-ledger/db/jobs";
import { PROVIDERS } from "@call-ledger/providers";
import { EgressFault } from "../egress/egress-fault.ts";
import type { ApiAccess } from "../recordings/recording-sources.ts";
import type { WorkerConfig } from "./worker-config.ts";

/** The account whose calls or recordings are requested. `orgId` is `null` for the platform's own account. */
type AccountUse = {
  readonly provider: string;
  readonly providerAccountId: string;
  readonly orgId: string | null;
};

/**
 * Returns a function for the API access of an account. The platform's account uses the key of the environment. An
 * organization's own account uses that account's key and no other. The function throws DbError.
 */
export function accountAccess(
  config: WorkerConfig,
  session: WorkerSession,
): (use: AccountUse) => Promise<ApiAccess | null> {
  const box = config.ENCRYPTION_KEY === null ? null : secretBox(config.ENCRYPTION_KEY);
  const apis = new Map(
    PROVIDERS.map(({ provider, platform, recordings }) => {
      const { apiKey, apiUrl } = platform.accountIn(config);
      const ofApi = URL.parse(apiUrl)?.hostname ?? [];
      const hosts = recordings.hosts.concat(ofApi);
      const remedy = `set ${platform.apiKeyVariable}`;
      return [provider, { api: recordings, hosts, baseUrl: apiUrl, apiKey, remedy }];
    }),
  );
  return async ({ provider, providerAccountId: accountId, orgId }) => {
    const found = apis.get(provider);
    if (found === undefined) return null;
    const { api, hosts, baseUrl, apiKey: platformKey } = found;
    if (accountId === PLATFORM_ACCOUNTS[provider]) {
      const credential = platformKey === null ? null : { baseUrl, apiKey: platformKey };
      return { api, hosts, credential, remedy: found.remedy };
    }
    const access = { api, hosts, remedy: `ops account rotate ${accountId} --api-key KEY` };
    const sealed =
      orgId === null ? null : await findAccountApiKey(session, { providerAccountId: accountId, orgId });
    if (sealed === null) return { ...access, credential: null };
    if (box === null) return { ...access, credential: cannotOpen("ENCRYPTION_KEY is not set") };
    try {
      return { ...access, credential: { baseUrl, apiKey: box.open(sealed, { accountId, use: "api key" }) } };
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      return { ...access, credential: cannotOpen("it was encrypted with another ENCRYPTION_KEY") };
    }
  };
}

/** The fault is `passing`, because the environment can be corrected before the provider's copy is gone. */
function cannotOpen(why: string): EgressFault {
  return new EgressFault("passing", `the account's API key cannot be read: ${why}`);
}
