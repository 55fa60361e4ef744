import type { CallToAsk } from "@call-ledger/db/jobs";
import { callsToAsk, noteProviderCalls } from "@call-ledger/db/jobs";
import type { ApiCredential, ApiRequest, CallApi, CallWindow, FetchedCall } from "@call-ledger/providers";
import { RecordingFault } from "@call-ledger/storage";
import { AnswerTooLarge } from "./ask-api.ts";
import { callPages } from "./call-pages.ts";
import type { ComparedAccount, ComparePorts, Finding } from "./compare-calls.ts";
import { compareWithLedger } from "./compare-calls.ts";
import type { ReconcileTally } from "./tally.ts";
import { countFindings } from "./tally.ts";

/** An account and its provider's API. */
export type ApiAccount = ComparedAccount & {
  readonly api: CallApi;
  readonly credential: ApiCredential;
  /** Milliseconds after the creation of a call until the provider deletes it. */
  readonly retentionMs: number;
};

export type ReconcilePorts = ComparePorts & {
  /** Returns the answer of the account's API. Throws RecordingFault, or the signal's reason. */
  ask(request: ApiRequest, signal: AbortSignal): Promise<Uint8Array>;
};

/** The callbacks by which a run reports its progress. */
export type RunProgress = {
  readonly signal: AbortSignal;
  /** Called with the findings since the last call. */
  onFound(found: readonly Finding[]): void;
};

const FIRST_ASK_AGAIN_MS = 600_000;
const LAST_ASK_AGAIN_MS = 86_400_000;
/**
 * The statuses with which the API says that it no longer has a call: 400 beyond the retention, 404 if it was deleted.
 */
const GONE: readonly (number | null)[] = [400, 404, 410];

/**
 * Compares all calls of a window with the ledger, and books the missing parts. `comeTo` gets the time up to which all
 * calls (by creation or last change) are compared. Calls that changed a moment ago are left to a later run. Throws
 * DbError, RecordingFault, or the signal's reason.
 */
export async function reconcileWindow(
  account: ApiAccount,
  window: CallWindow,
  ports: ReconcilePorts,
  tally: ReconcileTally,
  { comeTo, onFound, signal }: RunProgress & { comeTo(until: number): Promise<void> },
): Promise<void> {
  const { api, credential } = account;
  const list = async (part: CallWindow) => {
    const body = await ports.ask(api.listRequest(credential, part), signal).catch(tooLarge);
    if (body === null) return null;
    const page = api.readList(body);
    if (page === null) throw new RecordingFault("passing", "the API's answer is not a list of calls");
    return page;
  };
  for await (const page of callPages(window, api.pageSize, list)) {
    signal.throwIfAborted();
    const calls = eachOnce(page.calls);
    const settled = calls.filter((call) => isSettled(call, account, ports));
    tally.listed += calls.length;
    tally.unsettled += calls.length - settled.length;
    tally.unreadable += page.unreadable;
    tally.crowded += Number(page.isCrowded);
    const found = await compareWithLedger(settled, account, ports);
    countFindings(tally, found);
    await comeTo(page.until);
    onFound(found);
  }
}

/** Returns the newest state of each call. A list may name a call twice, as the call was before and after a change. */
function eachOnce(calls: readonly FetchedCall[]): FetchedCall[] {
  const byId = new Map<string, FetchedCall>();
  for (const call of calls) {
    const { providerCallId } = call.read;
    if (call.changedAt >= (byId.get(providerCallId)?.changedAt ?? 0)) byId.set(providerCallId, call);
  }
  return [...byId.values()];
}

function tooLarge(error: unknown): null {
  if (error instanceof AnswerTooLarge) return null;
  throw error;
}

/** Before that time, the list may show an older state of the call, and its deliveries may still be on their way. */
function isSettled({ changedAt }: FetchedCall, { api }: ApiAccount, { now }: ReconcilePorts): boolean {
  return changedAt <= now() - api.settledMs;
}

/**
 * Requests calls by their ids that no list has completed, at most `maxAsks`: those whose end or report is overdue, and
 * those whose agent has become known. Calls in `except` are left out. Throws like `reconcileWindow`.
 */
export async function askForCalls(
  account: ApiAccount,
  ports: ReconcilePorts,
  tally: ReconcileTally,
  { maxAsks, except, onFound, signal }: RunProgress & { maxAsks: number; except: ReadonlySet<string> },
): Promise<void> {
  let unreadable: UnreadableCall | null = null;
  for (const call of await callsToAsk(ports.session, account.id, maxAsks)) {
    if (except.has(call.providerCallId)) continue;
    signal.throwIfAborted();
    const fetched = await fetchCall(call, account, ports, signal);
    tally.asked += 1;
    if (fetched instanceof UnreadableCall) {
      unreadable = fetched;
      continue;
    }
    if (fetched === null) {
      tally.gone += 1;
      if (!ports.isDryRun) await noteGone(call, account, ports);
      onFound([{ providerCallId: call.providerCallId, lacked: null, missing: "gone" }]);
      continue;
    }
    const again = ports.now() + askAgainMs(call.asks);
    const found: Finding[] = isSettled(fetched, account, ports)
      ? await compareWithLedger([fetched], account, ports, { again })
      : [];
    countFindings(tally, found);
    onFound(found);
  }
  // The other calls do not wait for this one, and the run says what it could not read.
  if (unreadable !== null) throw unreadable;
}

/** The answer about one call cannot be read. */
class UnreadableCall extends RecordingFault {
  constructor() {
    super("passing", "the API's answer is not a call");
  }
}

function askAgainMs(asks: number): number {
  return Math.min(LAST_ASK_AGAIN_MS, FIRST_ASK_AGAIN_MS * 2 ** asks);
}

/** Returns `null` if the provider no longer has the call. An answer that is too large cannot be read either. */
async function fetchCall(
  { providerCallId, createdAt }: CallToAsk,
  { api, credential, retentionMs }: ApiAccount,
  { ask, now }: ReconcilePorts,
  signal: AbortSignal,
): Promise<FetchedCall | UnreadableCall | null> {
  if (createdAt < now() - retentionMs) return null;
  try {
    return (
      api.readCall(await ask(api.callRequest(credential, providerCallId), signal)) ?? new UnreadableCall()
    );
  } catch (error) {
    if (error instanceof RecordingFault && GONE.includes(error.status)) return null;
    if (error instanceof AnswerTooLarge) return new UnreadableCall();
    throw error;
  }
}

async function noteGone(
  { providerCallId, orgId, createdAt }: CallToAsk,
  { id }: ApiAccount,
  { session }: ReconcilePorts,
): Promise<void> {
  const unknown = { providerAgentId: null, providerPhoneNumberId: null, lacked: null };
  const gone = { ...unknown, hasEnded: true, missing: "gone", requested: { again: null } } as const;
  await noteProviderCalls(session, id, [{ providerCallId, orgId, createdAt, ...gone }]);
}
