import type { CallToAsk } from "@call-ledger/db/jobs";
import { callsToAsk, noteProviderCalls } from "@call-ledger/db/jobs";
import type { Instant, MissingReason } from "@call-ledger/domain";
import type { ApiCredential, ApiRequest, CallApi, CallWindow, FetchedCall } from "@call-ledger/providers";
import { EgressFault } from "../egress/egress-fault.ts";
import { AnswerTooLarge } from "./ask-api.ts";
import { callPages } from "./call-pages.ts";
import type { ComparedAccount, ComparePorts, Finding } from "./compare-calls.ts";
import { compareWithLedger } from "./compare-calls.ts";
import { callLister } from "./list-calls.ts";
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
  /** Returns the answer of the account's API. Throws EgressFault, or the signal's reason. */
  ask(request: ApiRequest, signal: AbortSignal): Promise<Uint8Array>;
};

/** The callbacks by which a run reports its progress. */
export type RunProgress = {
  readonly signal: AbortSignal;
  /** Called with the findings since the last call. */
  onFound(found: readonly Finding[]): void;
};

/** A part of a window. `isUnread`: its list had entries that cannot be read, or may have left out calls. */
export type ComparedPart = { readonly since: Instant; readonly until: Instant; readonly isUnread: boolean };

const FIRST_ASK_AGAIN_MS = 600_000;
const LAST_ASK_AGAIN_MS = 86_400_000;
/** The statuses with which the API says that a call was deleted. */
const DELETED: readonly (number | null)[] = [404, 410];
/** The status for a call beyond the retention. For a newer call it means something else, which may pass. */
const BEYOND_RETENTION = 400;
/** Shorter than the retention of any plan. */
const SURELY_KEPT_MS = 86_400_000;

/**
 * Compares all calls of a window with the ledger, and books the missing parts. `comeTo` gets each part of the window
 * whose calls (by creation or last change) are compared. Calls that changed a moment ago are left to a later run.
 * Throws DbError, EgressFault, or the signal's reason.
 */
export async function reconcileWindow(
  account: ApiAccount,
  window: CallWindow,
  ports: ReconcilePorts,
  tally: ReconcileTally,
  { comeTo, onFound, signal }: RunProgress & { comeTo(part: ComparedPart): Promise<void> },
): Promise<void> {
  const { api, credential } = account;
  const list = callLister({ api, credential, ask: (request) => ports.ask(request, signal) });
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
    onFound(found);
    const { since, until, unreadable, isCrowded } = page;
    await comeTo({ since, until, isUnread: unreadable > 0 || isCrowded });
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

/** Before that time, the list may show an older state of the call, and its deliveries may still be on their way. */
function isSettled({ changedAt }: FetchedCall, { api }: ApiAccount, { now }: ReconcilePorts): boolean {
  return changedAt <= now() - api.settledMs;
}

/**
 * Requests calls by their ids that no list has completed, at most `maxAsks`: those whose end or report is overdue, and
 * those whose agent has become known. Calls in `except` are left out. A call that the API cannot give is requested
 * again later, so that the calls after it are not kept waiting. Throws like `reconcileWindow`.
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
    tally.asked += 1;
    try {
      onFound(await askForCall(call, account, ports, tally, signal));
    } catch (error) {
      if (!isFailure(error)) throw error;
      const missing = call.missing === "unknown_agent" ? "unknown_agent" : "not_booked";
      await noteUnfetched(call, account, ports, { missing, again: againAt(call, ports) });
      // Any other failure may be one of the whole API. The next run then begins with the calls after this one.
      if (!(error instanceof UnreadableCall)) throw error;
      unreadable = error;
    }
  }
  // The run says what it could not read.
  if (unreadable !== null) throw unreadable;
}

/** Whether the API could not give a call. A limit of the rate is no fault of the call. */
function isFailure(error: unknown): boolean {
  return error instanceof EgressFault && error.kind === "passing" && error.status !== 429;
}

async function askForCall(
  call: CallToAsk,
  account: ApiAccount,
  ports: ReconcilePorts,
  tally: ReconcileTally,
  signal: AbortSignal,
): Promise<Finding[]> {
  const fetched = await fetchCall(call, account, ports, signal);
  if (fetched === null) {
    tally.gone += 1;
    await noteUnfetched(call, account, ports, { missing: "gone", again: null });
    return [{ providerCallId: call.providerCallId, lacked: null, missing: "gone" }];
  }
  if (!isSettled(fetched, account, ports)) return [];
  const found = await compareWithLedger([fetched], account, ports, { again: againAt(call, ports) });
  countFindings(tally, found);
  return found;
}

/** The API has the call, but gives no answer that can be read. */
class UnreadableCall extends EgressFault {
  constructor(reason = "the API's answer is not the call that was requested") {
    super("passing", reason);
  }
}

/** The statuses with which the API refuses one call, although it has listed others with the same key. */
const REFUSED: readonly (number | null)[] = [400, 401, 403];

function againAt({ asks }: CallToAsk, { now }: ReconcilePorts): Instant {
  return now() + Math.min(LAST_ASK_AGAIN_MS, FIRST_ASK_AGAIN_MS * 2 ** asks);
}

/**
 * Returns `null` if the provider no longer has the call. Throws UnreadableCall, EgressFault, or the signal's reason.
 */
async function fetchCall(
  { providerCallId, createdAt }: CallToAsk,
  { api, credential, retentionMs }: ApiAccount,
  { ask, now }: ReconcilePorts,
  signal: AbortSignal,
): Promise<FetchedCall | null> {
  if (createdAt < now() - retentionMs) return null;
  try {
    const call = api.readCall(await ask(api.callRequest(credential, providerCallId), signal));
    if (call?.read.providerCallId !== providerCallId) throw new UnreadableCall();
    return call;
  } catch (error) {
    if (error instanceof EgressFault && DELETED.includes(error.status)) return null;
    const isOld = createdAt < now() - SURELY_KEPT_MS;
    if (error instanceof EgressFault && error.status === BEYOND_RETENTION && isOld) return null;
    if (error instanceof EgressFault && REFUSED.includes(error.status)) {
      throw new UnreadableCall(`the API refuses a call that is overdue (HTTP ${error.status})`);
    }
    throw error instanceof AnswerTooLarge ? new UnreadableCall() : error;
  }
}

/** Notes why the ledger lacks a part of a call that was requested, and the time of the next request; `null`: never. */
async function noteUnfetched(
  { providerCallId, orgId, createdAt }: CallToAsk,
  { id }: ApiAccount,
  { session, isDryRun }: ReconcilePorts,
  { missing, again }: { readonly missing: MissingReason; readonly again: Instant | null },
): Promise<void> {
  if (isDryRun) return;
  const unknown = { providerAgentId: null, providerPhoneNumberId: null, lacked: null, hasEnded: true };
  const note = { providerCallId, orgId, createdAt, ...unknown, missing, requested: { again } };
  await noteProviderCalls(session, id, [note]);
}
