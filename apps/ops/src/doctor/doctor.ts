import type { Config } from "@call-ledger/config";
import type { Agent } from "@call-ledger/db/access";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { Owner, ProviderAccount } from "@call-ledger/db-operator/admin";
import { listProviderAccounts, listUnrecordedAgents } from "@call-ledger/db-operator/admin";
import type { ExaminedSetup, ExpectedSetup } from "@call-ledger/providers";
import { providerFor } from "@call-ledger/providers";
import type { AccountSetup } from "@call-ledger/worker/start";
import { failure } from "../cli/command.ts";
import type { CheckedItem, CheckResult } from "../deploy/checks/check.ts";
import { runChecks } from "../deploy/checks/check.ts";
import { webhookPath } from "../organizations/webhook-path.ts";
import type { AccountInputs } from "./account.checks.ts";
import { accountChecks, readSettings } from "./account.checks.ts";

export type DoctorPorts = {
  readonly config: Config;
  readonly owner: Owner;
  /** The live agents of all organizations. */
  readonly agents: readonly Agent[];
  readonly organizations: readonly { readonly id: string; readonly name: string }[];
  /** The URL at which providers reach the server. */
  readonly server: URL;
  /** The command of this program in the caller's shell. */
  readonly program: string;
  readonly signal: AbortSignal;
  readonly waitMs: number | null;
  now(): number;
  /** See `accountSetups`. */
  setupOf(account: ProviderAccount): Promise<AccountSetup | null>;
  /** Called with each account before its checks. */
  onAccount(account: ProviderAccount): void;
  onAnswer(item: CheckedItem): void;
};

/** The results of one account's checks. */
export type AccountResult = {
  readonly account: ProviderAccount;
  readonly result: CheckResult;
  /** `null`: its settings could not be read. */
  readonly examined: ExaminedSetup | null;
  readonly setup: AccountSetup | null;
};

const WEEK_MS = 7 * 86_400_000;

/** Asks about one account, or about all that are used, in turn. Throws a failure if there is no such account. */
export async function examineAccounts(
  ports: DoctorPorts,
  only: string | undefined,
): Promise<AccountResult[]> {
  const { owner, agents, config, now } = ports;
  const all = await listProviderAccounts(owner);
  const used = all.filter((account) => account.id === only || isUsed(account, agents, config));
  const inputs = used.map(
    (account): AccountInputs => ({
      account,
      expected: expectedSetup(account, { all, agents }, ports),
      open: () => ports.setupOf(account),
      readAccount: async () => {
        const latest = await listProviderAccounts(owner);
        return latest.find(({ id }) => id === account.id) ?? account;
      },
      readUnrecorded: () => listUnrecordedAgents(owner, account.id),
      others: () =>
        inputs.filter((one) => one.account.id !== account.id && one.account.provider === account.provider),
      waitMs: ports.waitMs,
      now,
      signal: ports.signal,
    }),
  );
  const chosen = inputs.filter(({ account }) => only === undefined || account.id === only);
  if (only !== undefined && chosen.length === 0)
    throw failure("There is no such account; account list shows those there are.");
  // A provider that is away is waited for once, not once for each account.
  for (const inputs of chosen) readSettings(inputs).catch(() => undefined);
  const results: AccountResult[] = [];
  for (const inputs of chosen) {
    const { account } = inputs;
    ports.onAccount(account);
    const checks = accountChecks(providerFor(account.provider)?.setup ?? null);
    const result = await runChecks(checks, inputs, ports.onAnswer);
    const { examined = null, setup = null } = inputs;
    results.push({ account, result, examined, setup });
  }
  return results;
}

/** Returns whether an account is used. Every installation has the platform's account, even if it receives nothing. */
function isUsed({ id, provider }: ProviderAccount, agents: readonly Agent[], config: Config): boolean {
  if (id !== PLATFORM_ACCOUNTS[provider]) return true;
  const platform = providerFor(provider)?.platform.accountIn(config);
  const isSet = platform !== undefined && (platform.webhookSecrets.length > 0 || platform.apiKey !== null);
  return isSet || agents.some(({ accountId }) => accountId === id);
}

function expectedSetup(
  account: ProviderAccount,
  ledger: { readonly all: readonly ProviderAccount[]; readonly agents: readonly Agent[] },
  { server, config, program, now, organizations }: DoctorPorts,
): ExpectedSetup {
  const urlOf = (one: ProviderAccount) => server.href.replace(/\/+$/, "") + webhookPath(one);
  const since = (at: Date | null) => (at === null ? null : now() - at.getTime());
  const isPlatform = account.orgId === null;
  return {
    webhookUrl: urlOf(account),
    otherWebhookUrls: ledger.all.filter(({ id }) => id !== account.id).map(urlOf),
    verification: isPlatform
      ? providerFor(account.provider)?.platform.accountIn(config).verification
      : account.verification,
    agents: ledger.agents.filter(({ accountId }) => accountId === account.id),
    ownsAllCalls: !isPlatform,
    onlyOrganization: organizations.length === 1 ? (organizations[0] ?? null) : null,
    backlogMs: since(account.waitingSince) ?? 0,
    hasVerifiedLately: (since(account.lastVerifiedAt) ?? Number.POSITIVE_INFINITY) < WEEK_MS,
    program,
  };
}
