import { setTimeout as sleep } from "node:timers/promises";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { Pool } from "@call-ledger/db/client";
import type { WorkerSession } from "@call-ledger/db/jobs";
import { readLedgerStatus } from "@call-ledger/db/read";
import { bookDeliveries } from "@call-ledger/db/write";
import { channelsNamed } from "@call-ledger/domain";
import { PROVIDERS, providerFor } from "@call-ledger/providers";
import { RecordingFault } from "@call-ledger/storage";
import { guardedFetch } from "../egress/guarded-fetch.ts";
import type { Network } from "../egress/network.ts";
import { systemNetwork } from "../egress/network.ts";
import { askApi } from "../reconcile/ask-api.ts";
import type { ApiAccount, ReconcilePorts } from "../reconcile/reconcile-account.ts";
import type { ReconciliationPorts } from "../reconcile/reconciliation-work.ts";
import type { ReconcileTally } from "../reconcile/tally.ts";
import { accountAccess } from "./account-access.ts";
import type { WorkerConfig } from "./worker-config.ts";
import { sourceRules } from "./worker-config.ts";

type ReconcilerDeps = {
  readonly config: WorkerConfig;
  /** As the application logs in. */
  readonly pool: Pool;
  readonly session: WorkerSession;
  readonly isDryRun?: boolean;
  /** Milliseconds since 1970; the system's clock by default. */
  readonly now?: () => number;
  /** Other than the system's: for tests alone. */
  readonly network?: Network | undefined;
  /** Certificate authorities in place of the system's, PEM: for tests alone. */
  readonly ca?: string | undefined;
};

const BOOKING_MS = 10_000;
const STATUS_MS = 5_000;
/** As the api's: above this share of its limit the database stores no payloads. */
const FULL_SHARE = 0.9;

/** The platform's own accounts whose API key the environment has. */
function platformAccountsWithKey(config: WorkerConfig): string[] {
  return PROVIDERS.filter(({ platform }) => platform.accountIn(config).apiKey !== null).flatMap(
    ({ provider }) => PLATFORM_ACCOUNTS[provider] ?? [],
  );
}

/** The API of an account, and what a comparison uses of it and of the ledger, as this process may. */
function apiOfAccount(deps: ReconcilerDeps): ReconciliationPorts["apiOf"] {
  const { config, session } = deps;
  const accessOf = accountAccess(config, session);
  return async (held, tally) => {
    const provider = providerFor(held.provider);
    const access = await accessOf(held);
    if (provider === null || provider.calls === null || access === null) return null;
    const { credential, remedy } = access;
    if (credential instanceof RecordingFault) throw credential;
    if (credential === null) throw new RecordingFault("forbidden", `no API key is set: ${remedy}`);
    const account: ApiAccount = {
      id: held.providerAccountId,
      provider: held.provider,
      api: provider.calls,
      credential,
      retentionMs: provider.recordings.retentionMs,
    };
    return { account, ports: await portsOf(deps, access, tally) };
  };
}

type Access = { readonly hosts: readonly string[]; readonly remedy: string };

async function portsOf(
  { config, pool, session, isDryRun = false, now = Date.now, network = systemNetwork, ca }: ReconcilerDeps,
  { hosts, remedy }: Access,
  tally: ReconcileTally,
): Promise<ReconcilePorts> {
  const connection = { network, rules: sourceRules(config), ca };
  const asking = {
    fetch: (...[request, signal]: Parameters<Parameters<typeof askApi>[2]["fetch"]>) =>
      guardedFetch(request, connection, signal),
    pause: async (ms: number, signal: AbortSignal) => {
      await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
    },
    onRequest() {
      tally.requests += 1;
    },
  };
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
    now,
    book: (deliveries) => bookDeliveries(pool, deliveries, booking),
    async ask(request, signal) {
      try {
        return await askApi(request, hosts, asking, signal);
      } catch (error) {
        const status = error instanceof RecordingFault ? error.status : null;
        if (status !== 401 && status !== 403) throw error;
        throw new RecordingFault("forbidden", `the provider refuses the API key (HTTP ${status}): ${remedy}`);
      }
    },
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
