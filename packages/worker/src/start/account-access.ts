import { SecretUnreadable, secretBox } from "@call-ledger/credentials";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { ClaimedRecording, WorkerSession } from "@call-ledger/db/jobs";
import { findAccountApiKey } from "@call-ledger/db/jobs";
import { vapiRecordings } from "@call-ledger/providers";
import { RecordingFault } from "@call-ledger/storage";
import type { ApiAccess } from "../recordings/recording-sources.ts";
import type { WorkerConfig } from "./worker-config.ts";

type AccessConfig = Pick<WorkerConfig, "VAPI_API_KEY" | "VAPI_API_URL" | "ENCRYPTION_KEY">;

/**
 * How each job's recording may be asked for at the provider's API: calls of the platform's account with the key of the
 * environment, calls of an organization's own account with that account's key and no other. The function throws DbError.
 */
export function accountAccess(
  { VAPI_API_KEY, VAPI_API_URL: baseUrl, ENCRYPTION_KEY }: AccessConfig,
  session: WorkerSession,
): (job: ClaimedRecording) => Promise<ApiAccess | null> {
  const box = ENCRYPTION_KEY === null ? null : secretBox(ENCRYPTION_KEY);
  const api = vapiRecordings;
  const withKey = (apiKey: string): ApiAccess => ({ api, credential: { baseUrl, apiKey } });
  const platform: ApiAccess = VAPI_API_KEY === null ? { api, credential: null } : withKey(VAPI_API_KEY);
  return async (job) => {
    const { provider, providerAccountId: accountId } = job;
    if (provider !== "vapi") return null;
    if (accountId === PLATFORM_ACCOUNTS.vapi) return platform;
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
