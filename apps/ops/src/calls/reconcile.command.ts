import { workerSession } from "@call-ledger/db/jobs";
import { listProviderAccounts, operatorPool, withOwner } from "@call-ledger/db-operator/admin";
import { PROVIDERS } from "@call-ledger/providers";
import type { ByHand, ComparableAccount, Finding, ReconcileTally } from "@call-ledger/worker/start";
import { LEASE_SECONDS, reconcileDry, reconcileNow, reconciliationPorts } from "@call-ledger/worker/start";
import type { ExitCode, Surroundings } from "../cli/command.ts";
import { command, unreachable, usage } from "../cli/command.ts";
import { documentOf } from "../cli/list-result.ts";
import { settingsIn } from "../cli/settings.ts";
import { timeSpan, uuid } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";
import { figuresIn } from "../worker/figures.ts";

const STATEMENT_MS = 10_000;
const PROGRESS_MS = 1_000;
const DAY_MS = 86_400_000;
const STAYS = "Booked deliveries stay booked; run the command again to continue.";

/** The result for one account. */
type Ended = {
  readonly account: ComparableAccount;
  readonly ended: "done" | "failed" | "busy" | "taken_over";
  readonly tally: ReconcileTally | null;
  readonly error: string | null;
  /** The calls that are or were incomplete in the ledger. */
  readonly calls: readonly Finding[];
};

export const reconcileCommand = command({
  about:
    "Compares calls with the provider's API now, and books the missing parts: for one account, or for all accounts with an " +
    "API key. It does the work of a worker's run (every RECONCILE_MINUTES), so give it the server's environment. Without " +
    "--from it compares the calls that changed since the last run (the first time all calls that the provider still has), " +
    "and asks for overdue calls by their ids. If another process compares an account at the moment, the account is skipped " +
    "(exit code 4). If the provider cannot be reached, the exit code is 3, or 4 if something was booked before. You can run " +
    "it any number of times: nothing is booked twice.",
  options: {
    account: { value: "ID", about: "only this account; account list shows the ids", parse: uuid },
    from: {
      value: "TIME",
      about: "only calls created from this time on: a day in UTC, or a time such as 2026-11-28T02:00:00Z",
    },
    to: {
      value: "TIME",
      about: "only calls created before this time; for a day, before its end; default now",
    },
    org: {
      value: "ID",
      about:
        "with --from: also book calls from before the agents of this organization were registered; you have to know that " +
        "they are its calls",
      parse: uuid,
    },
    "dry-run": { about: "show what would be booked; write nothing, and lock no account" },
  },
  examples: ["reconcile --dry-run", "reconcile --from 2026-11-27 --to 2026-11-28 --json"],

  async run({ account, from, to, org, dryRun }, surroundings) {
    const { env, now, interruption } = surroundings;
    if (from === undefined && to !== undefined) throw usage("--to can be used only with --from.");
    if (from === undefined && org !== undefined) throw usage("--org can be used only with --from.");
    const created = from === undefined ? null : timeSpan(from, to, now());
    if (created !== null) assertKept(created, now());
    const config = settingsIn(env);
    const url = ownerUrl(env);
    await using pool = operatorPool(url, 2);
    const ports = reconciliationPorts({
      config,
      pool,
      session: workerSession(pool, STATEMENT_MS),
      isDryRun: dryRun,
      decidedOrgId: org ?? null,
      now,
      leaseSeconds: LEASE_SECONDS,
      onEnd: () => undefined,
      onError: () => undefined,
    });
    const accounts = await accountsToCompare(url, ports.platformAccounts, account);
    const ended: Ended[] = [];
    const options = { created, signal: interruption(), isDryRun: dryRun };
    for (const one of accounts) ended.push(await compared(one, ports, options, surroundings));
    return {
      document: { dry_run: dryRun, accounts: ended.map(documentOfAccount) },
      text: [...ended.flatMap(troubleOf), closingLine(ended, dryRun)],
      exitCode: Math.max(...ended.map(exitCodeOf)) as ExitCode,
    };
  },
});

/** Throws a usage error for a time of which no provider has calls. */
function assertKept({ from, to }: { readonly from: number; readonly to: number }, now: number): void {
  if (from >= now) throw usage("--from has to be in the past.");
  const keptDays = Math.max(...PROVIDERS.map(({ recordings }) => recordings.retentionMs)) / DAY_MS;
  if (to > now - keptDays * DAY_MS) return;
  throw usage(`No provider keeps its calls for so long: --to has to be within the last ${keptDays} days.`);
}

async function accountsToCompare(
  url: string,
  platformAccounts: readonly string[],
  chosen: string | undefined,
): Promise<ComparableAccount[]> {
  const stored = await withOwner(url, (owner) => listProviderAccounts(owner));
  const named = stored.filter(({ id }) => chosen === undefined || id === chosen);
  if (named.length === 0) throw usage(`There is no account ${chosen}; account list shows the accounts.`);
  const accounts = named.filter(({ id, orgId, hasApiKey }) =>
    orgId === null ? platformAccounts.includes(id) : hasApiKey,
  );
  if (accounts.length > 0) {
    return accounts.map(({ id, orgId, provider, comparedUntil }) => ({
      providerAccountId: id,
      orgId,
      provider,
      comparedUntil: comparedUntil?.getTime() ?? null,
      keyDigest: null,
    }));
  }
  const variables = PROVIDERS.map(({ platform }) => platform.apiKeyVariable).join(" or ");
  const set = `set ${variables} for the platform's own, or run account rotate ID --api-key KEY`;
  throw unreachable(
    `${chosen === undefined ? "No account" : "The account"} has ${chosen === undefined ? "an" : "no"} API key: ${set}.`,
  );
}

async function compared(
  account: ComparableAccount,
  ports: Parameters<typeof reconcileNow>[1],
  { isDryRun, ...chosen }: Pick<ByHand, "created" | "signal"> & { readonly isDryRun: boolean },
  { progress, standsAt, now }: Pick<Surroundings, "progress" | "standsAt" | "now">,
): Promise<Ended> {
  const { providerAccountId: id, provider } = account;
  const calls: Finding[] = [];
  let saidAt = now();
  progress(`${provider} ${id} …`);
  standsAt({ changed: false, message: `Nothing was booked for account ${id}.` });
  const onProgress: ByHand["onProgress"] = (found, soFar) => {
    const incomplete = found.filter(({ lacked, missing }) => lacked !== null || missing !== null);
    calls.push(...incomplete);
    if (isDryRun) for (const call of incomplete) progress(`  ${lineOf(call)}`);
    else
      standsAt({
        changed: soFar.repaired > 0,
        message: `${soFar.repaired} calls of ${id} were repaired. ${STAYS}`,
      });
    if (now() - saidAt < PROGRESS_MS) return;
    saidAt = now();
    progress(`  ${figuresOf(soFar)} …`);
  };
  const run = isDryRun
    ? await reconcileDry(account, ports, { ...chosen, onProgress })
    : await reconcileNow(id, ports, { ...chosen, onProgress });
  if (run === "stopped") throw chosen.signal.reason;
  if (run === null) return { account, ended: "busy", tally: null, error: null, calls };
  if (run === "lost") return { account, ended: "taken_over", tally: null, error: null, calls };
  progress(`  ${figuresOf(run.tally)}`);
  return {
    account,
    ended: run.error === null ? "done" : "failed",
    tally: run.tally,
    error: run.error,
    calls,
  };
}

/** Returns the line of a call that was booked, would be booked, or cannot be. */
function lineOf({ providerCallId, lacked, missing }: Finding): string {
  if (missing !== null) return `${providerCallId}  missing: ${missing}`;
  return `${providerCallId}  ${lacked === "call" ? "not in the ledger" : `lacks: ${lacked}`}`;
}

function figuresOf({ listed, asked, booked, repaired, requests }: ReconcileTally): string {
  return (
    `${listed} calls listed, ${asked} asked for by id, ${repaired} repaired, ${booked} of them not in the ledger before, ` +
    `${requests} requests`
  );
}

const EXIT_CODES = { done: 0, busy: 4, taken_over: 4 } as const;

function exitCodeOf({ ended, tally }: Ended): ExitCode {
  if (ended !== "failed") return EXIT_CODES[ended];
  return (tally?.repaired ?? 0) > 0 ? 4 : 3;
}

function troubleOf({ account: { providerAccountId: id }, ended, tally, error }: Ended): string[] {
  if (ended === "busy") return [`${id} is compared by another process at the moment.`];
  if (ended === "taken_over") return [`${id} was taken over by another process. ${STAYS}`];
  if (ended !== "failed") return [];
  return [
    `${id} cannot be compared: ${error}. ${(tally?.repaired ?? 0) > 0 ? STAYS : "Nothing was booked."}`,
  ];
}

/** Returns the line about the work that was done and that is left. */
function closingLine(ended: readonly Ended[], isDryRun: boolean): string {
  const sum = (name: keyof ReconcileTally) =>
    ended.reduce((total, { tally }) => total + (tally?.[name] ?? 0), 0);
  const done = ended.filter((one) => one.ended === "done").length;
  const reasons: Record<string, number> = {};
  for (const { missing } of ended.flatMap(({ calls }) => calls)) {
    if (missing !== null) reasons[missing] = (reasons[missing] ?? 0) + 1;
  }
  const none = done === ended.length ? ["none missing"] : [];
  const would = isDryRun ? "to repair" : "repaired";
  const parts = [
    `${done} of ${ended.length} accounts compared`,
    `${sum("listed")} calls listed`,
    `${sum("repaired")} ${would}, ${sum("booked")} of them not in the ledger${isDryRun ? "" : " before"}`,
    ...(Object.keys(reasons).length > 0 ? [`missing still: ${figuresIn(reasons)}`] : none),
    ...(sum("unsettled") > 0 ? [`${sum("unsettled")} changed a moment ago and wait for the next run`] : []),
    ...(sum("unreadable") > 0 ? [`${sum("unreadable")} entries of the list could not be read as calls`] : []),
    `${sum("requests")} requests`,
  ];
  return `${parts.join("; ")}.${isDryRun ? " Nothing was written." : ""}`;
}

function documentOfAccount({ account, ended, tally, error, calls }: Ended) {
  return {
    id: account.providerAccountId,
    provider: account.provider,
    org_id: account.orgId,
    ended,
    error,
    result: tally,
    calls: calls.map(({ providerCallId, lacked, missing }) =>
      documentOf({ providerCallId, lacked, missing }),
    ),
  };
}
