import { setTimeout as sleep } from "node:timers/promises";
import { refusalAdvice } from "@call-ledger/contract/operations";
import type { ProviderAccount, UnrecordedAgent } from "@call-ledger/db-operator/admin";
import { UNRECORDED_CONVERSATIONS } from "@call-ledger/db-operator/admin";
import type { ExaminedSetup, ExpectedSetup, SetupApi } from "@call-ledger/providers";
import { providerFor } from "@call-ledger/providers";
import type { AccountSetup } from "@call-ledger/worker/start";
import { EgressFault } from "@call-ledger/worker/start";
import { unreachable } from "../cli/command.ts";
import type { Check, Finding } from "../deploy/checks/check.ts";

/** One account at its provider, and its state in the ledger. */
export type AccountInputs = {
  readonly account: ProviderAccount;
  readonly expected: ExpectedSetup;
  /** Throws EgressFault if a key is not set or cannot be read; `null`: the provider is not known. */
  open(): Promise<AccountSetup | null>;
  /** Reads the account's state again. */
  readAccount(): Promise<ProviderAccount>;
  /** See `listUnrecordedAgents`. */
  readUnrecorded(): Promise<readonly UnrecordedAgent[]>;
  /** The max time to wait for a delivery, in milliseconds; `null`: no wait. */
  readonly waitMs: number | null;
  now(): number;
  readonly signal: AbortSignal;
  /** The other accounts of the same provider that are used. */
  others(): readonly AccountInputs[];
  /** Set by `readSettings`. */
  settings?: Promise<Finding>;
  setup?: AccountSetup;
  examined?: ExaminedSetup;
};

/** The max time of a check at a provider: somebody waits. One check reads up to 500 calls with their conversations. */
const ANSWER_MS = 15_000;

const MAX_SHOWN = 5;
const WAIT_STEP_MS = 1_000;
/** A line break, and the indentation of `next` in the output. */
const NEXT_LINE = "\n              ";
const DAY_MS = 86_400_000;

/** Returns the checks of an account. `api` reads the settings at its provider; `null`: they cannot be read. */
export function accountChecks(api: SetupApi | null): readonly Check<AccountInputs>[] {
  return [
    {
      id: "deliveries_verified",
      expected: "the newest delivery was verified",
      run: (inputs) =>
        inputs.waitMs === null ? verifiedFinding(inputs.account, inputs) : awaitedFinding(inputs),
    },
    {
      id: "recordings_named",
      expected: "the newest conversations have recordings",
      run: recordedFinding,
    },
    {
      id: "provider_settings",
      expected: "the provider tells the account's settings",
      run: (inputs) => readSettings(inputs),
    },
    ...(api?.checks ?? []).map(({ id, expected }) => ({
      id,
      expected,
      needs: "provider_settings",
      run: async ({ examined }: AccountInputs) => problemsFinding(id, examined),
    })),
    {
      id: "read_by_one_account",
      expected: "no other account here reads the same calls at the provider",
      needs: "provider_settings",
      run: oneReaderFinding,
    },
    {
      id: "calls_delivered",
      expected: "no call at the provider since the last verified delivery",
      needs: "provider_settings",
      run: (inputs) => asFinding(inputs, callsFinding),
    },
  ];
}

async function verifiedFinding(
  { lastVerifiedAt, lastRefusedAt, lastRefusal, refusedSince }: ProviderAccount,
  inputs: AccountInputs,
): Promise<Finding> {
  const isRefused = lastRefusal !== null && isLater(lastRefusedAt, lastVerifiedAt);
  // Deliveries without any proof can come from strangers.
  const isStrangers = lastRefusal === "no_proof" && lastVerifiedAt !== null;
  if (isRefused && !isStrangers) {
    return {
      ok: false,
      found: `refused: ${lastRefusal}, ${shownTime(lastRefusedAt)}`,
      next: refusalStep(inputs, lastRefusal),
    };
  }
  if (refusedSince > 0) {
    const found = `refused: ${refusedSince} or more with a wrong or an old proof since the last one that verified, ${shownTime(lastVerifiedAt)}`;
    return { ok: false, found, next: refusalStep(inputs, "wrong_proof") };
  }
  const next = "Make a call, and let doctor wait for its delivery with --wait 10m.";
  if (lastVerifiedAt === null) return { ok: false, found: "there was never a delivery", next };
  const note = isRefused ? `; a later delivery without a proof was refused, ${shownTime(lastRefusedAt)}` : "";
  return {
    ok: true,
    found: `verified, ${shownTime(lastVerifiedAt)}${ageNote(lastVerifiedAt, inputs.now())}${note}`,
  };
}

/** Waits for a new delivery that verifies. */
async function awaitedFinding(inputs: AccountInputs): Promise<Finding> {
  const { account, readAccount, waitMs, now, signal } = inputs;
  const deadline = now() + (waitMs ?? 0);
  for (;;) {
    const latest = await readAccount();
    if (isLater(latest.lastVerifiedAt, account.lastVerifiedAt)) return verifiedFinding(latest, inputs);
    if (now() >= deadline) return unverifiedFinding(latest, inputs);
    await sleep(Math.min(WAIT_STEP_MS, Math.max(1, deadline - now())), undefined, { signal });
  }
}

/** What to say if no delivery verified since doctor began to wait. */
function unverifiedFinding({ lastRefusedAt, lastRefusal }: ProviderAccount, inputs: AccountInputs): Finding {
  if (lastRefusal !== null && isLater(lastRefusedAt, inputs.account.lastRefusedAt)) {
    const found = `only refused deliveries came, the newest with ${lastRefusal}, ${shownTime(lastRefusedAt)}`;
    return { ok: false, found, next: refusalStep(inputs, lastRefusal) };
  }
  const next =
    "Make a call while doctor waits. If none comes, the provider sends to another URL: correct the settings below.";
  return { ok: false, found: "no delivery came", next };
}

function isLater(a: Date | null, b: Date | null): boolean {
  return (a?.getTime() ?? 0) > (b?.getTime() ?? 0);
}

/** An assistant that is sent with a call is in no setting, so its reports are all that tells of it. */
async function recordedFinding({ account, readUnrecorded }: AccountInputs): Promise<Finding> {
  const agents = await readUnrecorded();
  if (agents.length === 0) return { ok: true, found: "yes" };
  const shown = agents.map(({ providerAgentId, lastRecordedAt }) => {
    const whose = providerAgentId === null ? "calls without a registered agent" : `agent ${providerAgentId}`;
    return `${whose} (the last one with a recording: ${shownTime(lastRecordedAt)})`;
  });
  return {
    ok: false,
    found: `the newest ${UNRECORDED_CONVERSATIONS} conversations name no recording: ${firstOf(shown).join(", ")}`,
    next: `If these calls may be recorded: ${providerFor(account.provider)?.recordings.switchedOnBy}`,
  };
}

/** Reads the account's settings at the provider, once. Throws unreachable if its API does not answer. */
export function readSettings(inputs: AccountInputs): Promise<Finding> {
  inputs.settings ??= asFinding(inputs, settingsFinding);
  return inputs.settings;
}

async function settingsFinding(inputs: AccountInputs, signal: AbortSignal): Promise<Finding> {
  const setup = await inputs.open();
  const examined = (await setup?.examine(inputs.expected, signal)) ?? null;
  if (setup === null || examined === null) return { ok: true, found: "its API does not tell them" };
  if (examined.doubt !== null) {
    return { ok: false, found: examined.doubt, next: [keyStep(inputs), agentStep(inputs)].join(NEXT_LINE) };
  }
  Object.assign(inputs, { setup, examined });
  return { ok: true, found: examined.found };
}

function problemsFinding(check: string, examined: ExaminedSetup | undefined): Finding {
  const problems = examined?.problems.filter((problem) => problem.check === check) ?? [];
  const texts = problems.map(({ found }) => found);
  return {
    ok: texts.length === 0,
    found: texts.length === 0 ? "yes" : firstOf(texts, (count) => `And ${count} more.`).join(" "),
    next: [...new Set(problems.slice(0, MAX_SHOWN).map(({ next }) => next))].join(NEXT_LINE),
  };
}

/** Returns the first of many texts, and after them a text that says how many more there are. */
function firstOf(texts: readonly string[], moreText = (count: number) => `and ${count} more`) {
  const more = texts.length - MAX_SHOWN;
  return more > 0 ? [...texts.slice(0, MAX_SHOWN), moreText(more)] : texts;
}

/**
 * Finds whether an organization's account lists calls of others too. An account whose settings cannot be read says so
 * itself.
 */
async function oneReaderFinding(inputs: AccountInputs): Promise<Finding> {
  const { examined, expected } = inputs;
  const customer = examined?.customer ?? null;
  if (customer === null) return { ok: true, found: "its API does not tell whose calls they are" };
  if (!expected.ownsAllCalls) return { ok: true, found: "only calls of registered agents are booked" };
  const others = inputs.others();
  await Promise.allSettled(others.map(readSettings));
  const same = others.filter((other) => other.examined?.customer === customer);
  if (same.length === 0) return { ok: true, found: "yes" };
  const names = same.map(({ account: { id, name } }) => (name === null ? id : `${id} (${name})`));
  return {
    ok: false,
    found: `account ${firstOf(names).join(", ")} reads them too: calls of assistants that are not registered are booked for this account's organization`,
    next: [
      `Give it a key of its own customer of the provider: ${expected.program} account rotate ${inputs.account.id} --api-key env:NAME`,
      `Or register every assistant for its organization: ${expected.program} agent add --org ORGANIZATION_ID --account ACCOUNT_ID --assistant ID`,
    ].join(NEXT_LINE),
  };
}

async function callsFinding(inputs: AccountInputs, signal: AbortSignal): Promise<Finding> {
  const { setup, examined, account, expected, now } = inputs;
  const since = account.lastVerifiedAt?.getTime() ?? now() - DAY_MS;
  const covers = examined?.covers ?? (() => true);
  const found = (await setup?.callsSince(since, { covers, now }, signal)) ?? null;
  if (found === null) return { ok: true, found: "its API does not tell them" };
  const { calls, from, until } = found;
  const start = shownTime(new Date(from));
  if (calls === 0 && until === null) return { ok: true, found: `none since ${start}` };
  if (calls === 0) {
    const end = shownTime(new Date(until ?? from));
    return { ok: true, found: `none from ${start} to ${end}; later calls were not read` };
  }
  return {
    ok: false,
    found: `${calls} or more since ${start}`,
    next: `No delivery of these calls was accepted. Correct the other failures first. Then book the calls: ${expected.program} reconcile --account ${account.id}`,
  };
}

/** A refused key is an answer; a provider that is away is none. */
async function asFinding(
  inputs: AccountInputs,
  read: (inputs: AccountInputs, signal: AbortSignal) => Promise<Finding>,
): Promise<Finding> {
  const late = AbortSignal.timeout(ANSWER_MS);
  try {
    return await read(inputs, AbortSignal.any([inputs.signal, late]));
  } catch (error) {
    if (error === late.reason || (error instanceof EgressFault && error.kind === "passing")) {
      const why = error instanceof EgressFault ? error.reason : `not within ${ANSWER_MS / 1_000} s`;
      throw unreachable(`The provider's API does not answer (${why}). Run doctor again later.`);
    }
    if (!(error instanceof EgressFault)) throw error;
    const address = platformOf(inputs)?.apiUrlVariable;
    return {
      ok: false,
      found: error.reason,
      next:
        error.kind === "forbidden"
          ? keyStep(inputs)
          : `Check the address of the provider's API (${address}), and run doctor again later.`,
    };
  }
}

function platformOf({ account }: AccountInputs) {
  return providerFor(account.provider)?.platform;
}

function keyStep(inputs: AccountInputs): string {
  const { account, expected } = inputs;
  return account.orgId === null
    ? `Set ${platformOf(inputs)?.apiKeyVariable} in the environment of the service, and here.`
    : `Set the account's API key: ${expected.program} account rotate ${account.id} --api-key env:NAME`;
}

function refusalStep(inputs: AccountInputs, reason: string): string {
  return [refusalAdvice(reason), ...(reason === "wrong_proof" ? [secretStep(inputs)] : [])].join(NEXT_LINE);
}

function secretStep(inputs: AccountInputs): string {
  const { account, expected } = inputs;
  if (account.orgId === null) {
    return `Set ${platformOf(inputs)?.variables[0]} in the environment of the service to the secret at the provider.`;
  }
  const rotate = `${expected.program} account rotate ${account.id}`;
  return `Make a new one and set it at the provider: ${rotate}${NEXT_LINE}Then: ${rotate} --finish`;
}

function agentStep({ account: { id, orgId }, expected }: AccountInputs): string {
  const owner = orgId === null ? "--org ORGANIZATION_ID" : `--org ${orgId} --account ${id}`;
  return `If the key is right, register an agent that is at the provider: ${expected.program} agent add ${owner} --assistant ID`;
}

/** Returns the age of a moment in days, for the end of a sentence; nothing within a day. */
function ageNote(at: Date, now: number): string {
  const days = Math.floor((now - at.getTime()) / DAY_MS);
  return days < 1 ? "" : ` (${days} ${days === 1 ? "day" : "days"} ago)`;
}

function shownTime(at: Date | null): string {
  return at === null ? "never" : `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
