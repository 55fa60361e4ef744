import type { Config } from "@call-ledger/config";
import { SecretUnreadable, secretBox } from "@call-ledger/credentials";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { Pool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/errors";
import type { StoredAccount } from "@call-ledger/db/read";
import { findProviderAccounts } from "@call-ledger/db/read";
import { isUuid } from "@call-ledger/domain";
import type { IngestPorts } from "@call-ledger/ingest";
import { LedgerUnavailable, refusedByQueue, smartBatch } from "@call-ledger/ingest";
import type { Log } from "@call-ledger/process";
import type { Credential } from "@call-ledger/providers";
import { providerFor } from "@call-ledger/providers";
import { cachedAccounts } from "./cached-accounts.ts";
import { platformAccount } from "./platform-account.ts";

/** A changed secret takes effect within this time: then the old one is refused and the new one accepted. */
const HOLDS_MS = 5_000;
const LOOK_UP_MS = 2_000;
const MAX_KNOWN = 10_000;
const MAX_UNKNOWN = 1_000;

/**
 * One lookup runs at a time, for many ids. So requests with invented ids cost the database little, and others a wait.
 */
const BATCHES = {
  maxWrites: 1,
  maxItems: 200,
  maxWeight: 200,
  maxWaiting: 2_000,
  maxWaitingWeight: 2_000,
  deadlineMs: LOOK_UP_MS,
};

/** The platform's endpoints have no id in their path, so the database is never asked for these ids. */
const PLATFORM_IDS: ReadonlySet<string> = new Set(Object.values(PLATFORM_ACCOUNTS));

/** An account that exists. */
type Known =
  | { readonly provider: string; readonly credential: Credential }
  /** This process cannot decrypt the credential, but knows the headers that carry it. */
  | {
      readonly provider: string;
      readonly credential: null;
      readonly isShownIn: Credential["isShownIn"];
      /** Logs why, once. */
      logUnreadable(): void;
    };

/**
 * This process cannot use the secrets of an account. It is a fault of the service, so the delivery has to come again.
 */
class AccountUnreadable extends Error {
  override readonly name = "AccountUnreadable";
}

/**
 * The accounts against which deliveries are verified: each provider's platform account from the environment, and the
 * organizations' own accounts from the database, remembered for five seconds. Throws LedgerUnavailable and
 * AccountUnreadable.
 */
export function receivingAccounts(config: Config, pool: Pool, log: Log): IngestPorts["accountOf"] {
  const readStored = storedAccounts(config, log);
  const findStored = smartBatch<string, { readonly found: StoredAccount | null }>(
    {
      async write(ids, deadlineMs) {
        const accounts = await findProviderAccounts(pool, ids, deadlineMs);
        return accounts.map((found) => ({ found }));
      },
      weigh: () => 1,
      now: () => performance.now(),
    },
    BATCHES,
  );
  const account = cachedAccounts<Known>(
    {
      async find(id) {
        const { found } = await findStored(id).catch(unavailable);
        return found === null ? null : readStored(id, found);
      },
      now: () => performance.now(),
    },
    { holdsMs: HOLDS_MS, maxKnown: MAX_KNOWN, maxUnknown: MAX_UNKNOWN },
  );
  const platformAccountOf = platformAccount(config);
  return async (provider, accountId, head) => {
    if (accountId === null) return platformAccountOf(provider);
    const id = accountId.toLowerCase();
    const known = isUuid(id) && !PLATFORM_IDS.has(id) ? await account(id) : null;
    if (known === null || known.provider !== provider) return null;
    if (known.credential !== null) return { id, credential: known.credential };
    // Strangers do not learn that the account exists, nor do they raise an alarm.
    if (!known.isShownIn(head)) return null;
    known.logUnreadable();
    throw new AccountUnreadable();
  };
}

/** Decrypts the secrets of accounts. */
function storedAccounts({ ENCRYPTION_KEY }: Config, log: Log): (id: string, stored: StoredAccount) => Known {
  const box = ENCRYPTION_KEY === null ? null : secretBox(ENCRYPTION_KEY);
  return (id, stored) => {
    const { provider, webhookSecrets, verification } = stored;
    if (box === null) return unreadable(log, id, stored, "ENCRYPTION_KEY is not set");
    try {
      const place = { accountId: id, use: "webhook secret" } as const;
      const secrets = webhookSecrets.map((sealed) => box.open(sealed, place));
      const credential = providerFor(provider)?.credentialOf({ webhookSecrets: secrets, verification });
      if (credential) return { provider, credential };
      return unreadable(log, id, stored, "its verification settings cannot be read");
    } catch (error) {
      if (!(error instanceof SecretUnreadable)) throw error;
      return unreadable(log, id, stored, "its secrets were encrypted with another ENCRYPTION_KEY");
    }
  };
}

function unreadable(log: Log, id: string, { provider, verification }: StoredAccount, why: string): Known {
  const adapter = providerFor(provider);
  // The settings name the headers. Without settings they are the default ones.
  const shown = adapter?.credentialOf({ webhookSecrets: [], verification }) ?? adapter?.decoy;
  let isLogged = false;
  return {
    provider,
    credential: null,
    isShownIn: (head) => shown?.isShownIn(head) ?? false,
    logUnreadable() {
      if (isLogged) return;
      isLogged = true;
      log.error({ account: id, why }, "CRITICAL: a provider account cannot be used, its deliveries get 500");
    },
  };
}

function unavailable(error: unknown): never {
  if (error instanceof DbError && error.kind === "unavailable") throw new LedgerUnavailable(error.code);
  return refusedByQueue(error);
}
