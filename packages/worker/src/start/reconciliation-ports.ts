import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { Pool } from "@call-ledger/db/client";
import { readLedgerStatus } from "@call-ledger/db/status";
import { bookDeliveries } from "@call-ledger/db/write";
import { channelsNamed, FULL_SHARE } from "@call-ledger/domain";
import { PROVIDERS, providerFor } from "@call-ledger/providers";
import type { ApiAccount, ReconcilePorts } from "../reconcile/reconcile-account.ts";
import type { ReconciliationPorts } from "../reconcile/reconciliation-work.ts";
import type { ProviderApi, ProviderApiDeps } from "./provider-api.ts";
import { providerApis } from "./provider-api.ts";
import type { WorkerConfig } from "./worker-config.ts";

type ReconcilerDeps = ProviderApiDeps & {
  /** The pool with the application's login. */
  readonly pool: Pool;
  readonly isDryRun?: boolean;
  /** See `ComparePorts`. Default: nothing was decided. */
  readonly decidedOrgId?: string | null;
  /** Returns milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
};

const BOOKING_MS = 10_000;
const STATUS_MS = 5_000;

/** The platform's own accounts whose API key is in the environment. */
function platformAccountsWithKey(config: WorkerConfig): string[] {
  return PROVIDERS.filter(({ platform }) => platform.accountIn(config).apiKey !== null).flatMap(
    ({ provider }) => PLATFORM_ACCOUNTS[provider] ?? [],
  );
}

/** Returns the API of an account, with the other ports that a comparison in this process needs. */
function apiOfAccount(deps: ReconcilerDeps): ReconciliationPorts["apiOf"] {
  const apiOf = providerApis(deps);
  return async (held, tally) => {
    const provider = providerFor(held.provider);
    if (provider === null || provider.calls === null) return null;
    const api = await apiOf(held, () => {
      tally.requests += 1;
    });
    if (api === null) return null;
    const account: ApiAccount = {
      id: held.providerAccountId,
      provider: held.provider,
      api: provider.calls,
      credential: api.credential,
      retentionMs: provider.recordings.retentionMs,
    };
    return { account, ports: await portsOf(deps, api) };
  };
}

async function portsOf(
  { config, pool, session, isDryRun = false, decidedOrgId = null, now = Date.now }: ReconcilerDeps,
  { ask }: ProviderApi,
): Promise<ReconcilePorts> {
  const { databaseSizeMb } = await readLedgerStatus(pool, STATUS_MS);
  const booking = {
    transport: "literal",
    deadlineMs: BOOKING_MS,
    channels: channelsNamed(config.RECORDING_CHANNELS),
    keepsPayloads: databaseSizeMb < config.DATABASE_LIMIT_MB * FULL_SHARE,
  } as const;
  return {
    session,
    isDryRun,
    decidedOrgId,
    now,
    book: (deliveries) => bookDeliveries(pool, deliveries, booking),
    ask,
  };
}

/** What the regular comparisons of a process need beside their times. */
export function reconciliationPorts(
  deps: ReconcilerDeps & Pick<ReconciliationPorts, "onEnd" | "onError" | "leaseSeconds">,
): ReconciliationPorts {
  const { config, session, onEnd, onError, leaseSeconds, now = Date.now } = deps;
  return {
    session,
    platformAccounts: platformAccountsWithKey(config),
    apiOf: apiOfAccount(deps),
    everySeconds: config.RECONCILE_MINUTES * 60,
    leaseSeconds,
    now,
    onEnd,
    onError,
  };
}
