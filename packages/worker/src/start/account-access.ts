import { SecretUnreadable, secretBox } from "@call-ledger/credentials";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { ClaimedRecording, WorkerSession } from "@call-ledger/db/jobs";
import { findAccountApiKey } from "@call-ledger/db/jobs";
import { PROVIDERS } from "@call-ledger/providers";
import { RecordingFault } from "@call-ledger/storage";
import type { ApiAccess } from "../recordings/recording-sources.ts";
import type { WorkerConfig } from "./worker-config.ts";

/**
 * How each job's recording may be asked for at the provider's API: calls of the platform's account with the key of the
 * environment, calls of an organization's own account with that account's key and no other. The function throws DbError.
 */
export function accountAccess(
  config: WorkerConfig,
  session: WorkerSession,
): (job: ClaimedRecording) => Promise<ApiAccess | null> {
  const box = config.ENCRYPTION_KEY === null ? null : secretBox(config.ENCRYPTION_KEY);
  const apis = new Map(
    PROVIDERS.map(({ provider, platform, recordings }) => {
      const { apiKey, apiUrl } = platform.accountIn(config);
      return [provider, { api: recordings, baseUrl: apiUrl, apiKey }];
    }),
  );
  return async (job) => {
    const { provider, providerAccountId: accountId } = job;
    const found = apis.get(provider);
    if (found === undefined) return null;
    const { api, baseUrl, apiKey: platformKey } = found;
    const withKey = (apiKey: string): ApiAccess => ({ api, credential: { baseUrl, apiKey } });
    if (accountId === PLATFORM_ACCOUNTS[provider]) {
      return platformKey === null ? { api, credential: null } : withKey(platformKey);
    }
    const sealed = await findAccountApiKey(session, job);
    if (sealed === null) return { api, credential: null };
    if (box === null) return { api, credential: cannotOpen("ENCRYPTION_KEY is not set") };
    try {
      return withKey(box.open(sealed, { accountId, use: "api key" }));
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      return { api, credential: cannotOpen("it was encrypted with another ENCRYPTION_KEY") };
    }
  };
}

/** Passing, because the environment can be put right before the provider's copy is gone. */
function cannotOpen(why: string): RecordingFault {
  return new RecordingFault("passing", `the account's API key cannot be read: ${why}`);
}
