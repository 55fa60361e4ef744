import { DbError } from "@call-ledger/db/errors";
import type { Compared, HeldReconciliation, WorkerSession } from "@call-ledger/db/jobs";
import { claimReconciliation, extendReconciliation, settleReconciliation } from "@call-ledger/db/jobs";
import type { Instant } from "@call-ledger/domain";
import type { CallWindow } from "@call-ledger/providers";
import { RecordingFault } from "@call-ledger/storage";
import type { LeasedWork } from "../loop/leased-work.ts";
import { runLeased } from "../loop/leased-work.ts";
import type { Finding } from "./compare-calls.ts";
import type { ApiAccount, ReconcilePorts } from "./reconcile-account.ts";
import { askForCalls, reconcileWindow } from "./reconcile-account.ts";
import type { ReconcileTally } from "./tally.ts";
import { emptyTally } from "./tally.ts";

export type ReconciliationPorts = {
  readonly session: WorkerSession;
  /** The platform's own accounts whose API key is set. */
  readonly platformAccounts: readonly string[];
  /** The account's API, and what a run uses of it; `null`: its provider's API has no calls. Throws DbError, RecordingFault. */
  apiOf(
    comparable: ComparableAccount,
    tally: ReconcileTally,
  ): Promise<{ readonly account: ApiAccount; readonly ports: ReconcilePorts } | null>;
  /** How often each account is due. */
  readonly everySeconds: number;
  readonly leaseSeconds: number;
  now(): number;
  onEnd(run: SettledReconciliation): void;
  onError(error: unknown): void;
};

/** An account as far as a comparison has to know it. */
export type ComparableAccount = Omit<HeldReconciliation, "token">;

type HeldAccount = { readonly held: HeldReconciliation; compared: Compared };

/** How a run ended: with what it did, or why it has failed, in words without a value. */
export type SettledReconciliation = {
  readonly accountId: string;
  readonly tally: ReconcileTally;
  readonly error: string | null;
};

const DAY_SECONDS = 86_400;
/** How many calls a regular run asks for by their ids: the next one asks for more. */
const MAX_ASKS = 50;
const MAX_ASKS_BY_HAND = 1_000;
const REGULAR: Pick<ByHand, "created" | "onProgress"> = { created: null, onProgress: () => undefined };
const MIN_AGAIN_SECONDS = 30;

/** Comparisons of accounts with their providers, as they are due; `chosen`: of one account, whether or not it is due. */
export function reconciliationWork(
  ports: ReconciliationPorts,
  chosen: { readonly accountId: string; readonly byHand: ByHand } | null = null,
): LeasedWork<HeldAccount, SettledReconciliation> {
  const { session, leaseSeconds, platformAccounts } = ports;
  const extend = ({ held, compared }: HeldAccount) =>
    extendReconciliation(session, held, leaseSeconds, compared);
  return {
    leaseMs: leaseSeconds * 1_000,
    async claim() {
      const accountId = chosen?.accountId ?? null;
      const held = await claimReconciliation(session, { platformAccounts, chosen: accountId, leaseSeconds });
      return held === null ? [] : [{ held, compared: { since: null, until: null } }];
    },
    async run(job, signal) {
      const tally = emptyTally();
      const run = (error: string | null) => ({ accountId: job.held.providerAccountId, tally, error });
      let again = ports.everySeconds;
      let ended = run(null);
      try {
        const isOffered = await reconcile(job.held, ports, {
          ...(chosen?.byHand ?? REGULAR),
          tally,
          maxAsks: chosen === null ? MAX_ASKS : MAX_ASKS_BY_HAND,
          signal,
          async onCompared(compared) {
            job.compared = compared;
            if (!(await extend(job))) throw new RecordingFault("lost", "taken over");
          },
        });
        if (!isOffered) again = DAY_SECONDS;
      } catch (error) {
        if (signal.aborted) return null;
        again = againAfter(error, ports.everySeconds);
        ended = run(wordsOf(error));
      }
      const result = ended.error === null ? tally : null;
      const settled = { againSeconds: again, result, error: ended.error };
      if (!(await settleReconciliation(session, job.held, settled))) return null;
      ports.onEnd(ended);
      return ended;
    },
    extend,
    release: ({ held }) =>
      settleReconciliation(session, held, { againSeconds: 0, result: null, error: null }),
    interruption: () => new Error("interrupted"),
    onError: ports.onError,
  };
}

/** What somebody who compares an account by hand decides. */
export type ByHand = {
  /** Calls that were created within this time, from its first moment on; `null`: those that changed since the last run. */
  readonly created: { readonly from: Instant; readonly to: Instant } | null;
  /** Told after each page of the list and each call that was asked for: of what was found in it, and of the whole so far. */
  onProgress(found: readonly Finding[], soFar: Readonly<ReconcileTally>): void;
  readonly signal: AbortSignal;
};

/** Compares one account here and now; `null`: another process does it at the moment, or it has no API key. Throws DbError. */
export async function reconcileNow(
  accountId: string,
  ports: ReconciliationPorts,
  byHand: ByHand,
): Promise<SettledReconciliation | "stopped" | "lost" | null> {
  const work = reconciliationWork(ports, { accountId, byHand });
  const [job] = await work.claim(1);
  return job === undefined ? null : runLeased(job, work, byHand.signal);
}

/**
 * Says what a run would book, and changes nothing: the ports of the account have to be those of a dry run. It holds no
 * lease, so a run may work beside it. Throws DbError, or the signal's reason.
 */
export async function reconcileDry(
  account: ComparableAccount,
  ports: ReconciliationPorts,
  byHand: ByHand,
): Promise<SettledReconciliation> {
  const tally = emptyTally();
  const ended = { accountId: account.providerAccountId, tally };
  try {
    const unkept = { onCompared: async () => undefined, signal: byHand.signal };
    await reconcile(account, ports, { ...byHand, ...unkept, tally, maxAsks: MAX_ASKS_BY_HAND });
    return { ...ended, error: null };
  } catch (error) {
    byHand.signal.throwIfAborted();
    return { ...ended, error: wordsOf(error) };
  }
}

type Run = ByHand & {
  readonly tally: ReconcileTally;
  readonly maxAsks: number;
  /** Told between which times all calls are compared now; of calls within a time that was chosen, of none. */
  onCompared(compared: Compared): Promise<void>;
};

/** `false`: the provider's API has no calls. */
async function reconcile(
  comparable: ComparableAccount,
  { apiOf, now }: ReconciliationPorts,
  { tally, created, maxAsks, onCompared, onProgress, signal }: Run,
): Promise<boolean> {
  const found = await apiOf(comparable, tally);
  if (found === null) return false;
  const { account, ports } = found;
  const { settledMs } = account.api;
  const oldest = now() - account.retentionMs;
  // Compared once more: a list that lags longer than it ever did has shown its calls by now.
  const overlap = (comparable.comparedUntil ?? 0) - settledMs;
  const from = Math.max(created?.from ?? overlap, oldest);
  const since = from === oldest ? oldest : null;
  const window: CallWindow =
    created === null
      ? { by: "changed", from, to: now() - settledMs }
      : { by: "created", from, to: Math.min(created.to, now()) };
  const lacking = new Set<string>();
  await reconcileWindow(account, window, ports, tally, {
    signal,
    comeTo: (until) => onCompared(created === null ? { since, until } : { since: null, until: null }),
    onFound(some) {
      for (const { providerCallId, lacked } of some) if (lacked !== null) lacking.add(providerCallId);
      onProgress(some, tally);
    },
  });
  if (created !== null) return true;
  // What a dry run has found is still marked as overdue.
  const onFound = (some: readonly Finding[]) => onProgress(some, tally);
  await askForCalls(account, ports, tally, { maxAsks, except: lacking, onFound, signal });
  return true;
}

function againAfter(error: unknown, everySeconds: number): number {
  const wished = error instanceof RecordingFault ? Math.ceil((error.retryAfterMs ?? 0) / 1_000) : 0;
  return Math.max(MIN_AGAIN_SECONDS, everySeconds, wished);
}

/** What is safe to show: codes, our own words, or the kind of an error. */
function wordsOf(error: unknown): string {
  if (error instanceof DbError) return `the database: ${error.message}`;
  if (error instanceof RecordingFault) return error.reason;
  return error instanceof Error ? error.name : typeof error;
}
