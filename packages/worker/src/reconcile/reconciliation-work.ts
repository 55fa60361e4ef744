import { createHash } from "node:crypto";
import type { Compared, HeldReconciliation, WorkerSession } from "@call-ledger/db/jobs";
import {
  claimReconciliation,
  extendReconciliation,
  hasCallsBetween,
  noteComparisonKey,
  noteUnread,
  settleReconciliation,
} from "@call-ledger/db/jobs";
import type { Instant } from "@call-ledger/domain";
import type { CallWindow } from "@call-ledger/providers";
import { EgressFault } from "../egress/egress-fault.ts";
import { failureReason } from "../loop/failure-reason.ts";
import type { LeasedWork } from "../loop/leased-work.ts";
import { JobInterrupted, runLeased } from "../loop/leased-work.ts";
import type { Finding } from "./compare-calls.ts";
import type { ApiAccount, ComparedPart, ReconcilePorts } from "./reconcile-account.ts";
import { askForCalls, reconcileWindow } from "./reconcile-account.ts";
import type { ReconcileTally } from "./tally.ts";
import { emptyTally } from "./tally.ts";

export type ReconciliationPorts = {
  readonly session: WorkerSession;
  /** The platform's own accounts whose API key is set. */
  readonly platformAccounts: readonly string[];
  /**
   * Returns the account's API and the other ports of a run; `null` if the provider's API has no calls. Throws DbError,
   * EgressFault.
   */
  apiOf(
    comparable: ComparableAccount,
    tally: ReconcileTally,
  ): Promise<{ readonly account: ApiAccount; readonly ports: ReconcilePorts } | null>;
  /** The interval in which each account is compared. */
  readonly everySeconds: number;
  readonly leaseSeconds: number;
  now(): number;
  onEnd(run: SettledReconciliation): void;
  onError(error: unknown): void;
};

/** The facts of an account that a comparison needs. */
export type ComparableAccount = Omit<HeldReconciliation, "token">;

type HeldAccount = { readonly held: HeldReconciliation; compared: Compared };

/** The end of a run: its result, or the reason of its failure in words without a value. */
export type SettledReconciliation = {
  readonly accountId: string;
  readonly tally: ReconcileTally;
  readonly error: string | null;
};

const DAY_SECONDS = 86_400;
const DAY_MS = DAY_SECONDS * 1_000;
/** The max number of calls that a regular run requests by their ids. The next run requests the others. */
const MAX_ASKS = 50;
const MAX_ASKS_BY_HAND = 1_000;
const REGULAR: Pick<ByHand, "created" | "onProgress"> = { created: null, onProgress: () => undefined };
const MIN_AGAIN_SECONDS = 30;

/** Compares accounts with their providers when they are due; `chosen` only one account, due or not. */
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
          onPart: (part) => noteUnread(session, job.held, part),
          async onCompared(compared, keyDigest) {
            job.compared = compared;
            const isHeld =
              (keyDigest === null || (await noteComparisonKey(session, job.held, keyDigest))) &&
              (await extend(job));
            if (!isHeld) throw new JobInterrupted();
          },
        });
        if (!isOffered) again = DAY_SECONDS;
      } catch (error) {
        if (signal.aborted) return null;
        again = againAfter(error, ports.everySeconds);
        ended = run(failureReason(error));
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
    onError: ports.onError,
  };
}

/** The choices of a person who compares an account by hand. */
export type ByHand = {
  /**
   * The calls to compare: those created within this time, `from` included. `null`: those that changed since the last
   * run.
   */
  readonly created: { readonly from: Instant; readonly to: Instant } | null;
  /**
   * Called after each page of the list and each call that was requested by id, with their findings and the totals so
   * far.
   */
  onProgress(found: readonly Finding[], soFar: Readonly<ReconcileTally>): void;
  readonly signal: AbortSignal;
};

/**
 * Compares one account immediately. Returns `null` if another process is comparing it, or if it has no API key. Throws
 * DbError.
 */
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
 * Returns what a run would book, and changes nothing. The ports of the account have to be those of a dry run. It holds
 * no lease, so a run may work at the same time. Throws DbError, or the signal's reason.
 */
export async function reconcileDry(
  account: ComparableAccount,
  ports: ReconciliationPorts,
  byHand: ByHand,
): Promise<SettledReconciliation> {
  const tally = emptyTally();
  const ended = { accountId: account.providerAccountId, tally };
  try {
    const unkept = {
      onPart: async () => undefined,
      onCompared: async () => undefined,
      signal: byHand.signal,
    };
    await reconcile(account, ports, { ...byHand, ...unkept, tally, maxAsks: MAX_ASKS_BY_HAND });
    return { ...ended, error: null };
  } catch (error) {
    byHand.signal.throwIfAborted();
    return { ...ended, error: failureReason(error) };
  }
}

type Run = ByHand & {
  readonly tally: ReconcileTally;
  readonly maxAsks: number;
  /** Called with each part of the window before `onCompared`. */
  onPart(part: ComparedPart): Promise<void>;
  /**
   * Called with the times between which all calls are compared now; for a chosen period with neither. `keyDigest`
   * identifies the key with which they were read, and is `null` if that is known.
   */
  onCompared(compared: Compared, keyDigest: string | null): Promise<void>;
};

/** Returns `false` if the provider's API has no calls. */
async function reconcile(
  comparable: ComparableAccount,
  { apiOf, now, session }: ReconciliationPorts,
  { tally, created, maxAsks, onPart, onCompared, onProgress, signal }: Run,
): Promise<boolean> {
  const found = await apiOf(comparable, tally);
  if (found === null) return false;
  const { account, ports } = found;
  const keyDigest = digestOf(account.credential.apiKey);
  // Another key may read other calls, so all are compared anew.
  const isOtherKey = ![null, keyDigest].includes(comparable.keyDigest);
  // A process with a wrong clock compared until a time that is still to come.
  const isAhead = (comparable.comparedUntil ?? 0) > now() + MAX_AHEAD_MS;
  const comparedUntil = isOtherKey || isAhead ? null : comparable.comparedUntil;
  const { settledMs } = account.api;
  const oldest = now() - account.retentionMs;
  const settledUntil = now() - settledMs;
  const from = Math.max(created?.from ?? nextStart(comparedUntil, settledUntil, settledMs), oldest);
  const since = (comparedUntil ?? 0) < oldest ? oldest : null;
  const window: CallWindow =
    created === null
      ? { by: "changed", from, to: settledUntil }
      : { by: "created", from, to: Math.min(created.to, now()) };
  const incomplete = new Set<string>();
  let isProven = created !== null || !(await shouldListKnown(session, account, window));
  await reconcileWindow(account, window, ports, tally, {
    signal,
    async comeTo(part) {
      // Calls that were created at a time may have changed at another, so they prove nothing of those that did.
      if (created === null || part.isUnread) await onPart(part);
      if (!isProven) return;
      const { until } = part;
      await onCompared(
        created === null ? { since, until } : { since: null, until: null },
        keyDigest === comparable.keyDigest || created !== null ? null : keyDigest,
      );
    },
    onFound(some) {
      for (const { providerCallId, lacked } of some) if (lacked !== null) incomplete.add(providerCallId);
      isProven ||= some.some(({ lacked }) => lacked !== "call");
      onProgress(some, tally);
    },
  });
  if (!isProven) throw new EgressFault("unsuitable", STRANGE_LIST);
  if (created !== null) return true;
  // A dry run books nothing, so the calls that it found are still overdue. `except` leaves them out.
  const onFound = (some: readonly Finding[]) => onProgress(some, tally);
  await askForCalls(account, ports, tally, { maxAsks, except: incomplete, onFound, signal });
  return true;
}

const STRANGE_LIST =
  "the provider's list has none of the calls that came from this account: " +
  "the API key may belong to another customer of the provider";
/** In a shorter time, all calls may have changed again after it. */
const MIN_JUDGED_MS = DAY_MS;
const MIN_KNOWN = 3;
const HOUR_MS = 3_600_000;
/** The clocks of two processes may differ by this. The first run of a day compares what that has left out. */
const MAX_AHEAD_MS = HOUR_MS;

/** Returns whether a list of the window has to contain calls that the ledger knows already. */
async function shouldListKnown(
  session: WorkerSession,
  { id }: ApiAccount,
  { from, to }: CallWindow,
): Promise<boolean> {
  if (to - from < MIN_JUDGED_MS) return false;
  return hasCallsBetween(session, id, { since: from, until: to - HOUR_MS, wanted: MIN_KNOWN });
}

/** Identifies a key, and does not show it. */
function digestOf(apiKey: string): string {
  return createHash("sha256").update(apiKey).digest("base64url").slice(0, 16);
}

/**
 * Returns the start of a regular run that compares calls until `until`. A short part is compared once more, because the
 * list may have lagged by longer than usual. The first run of a UTC day compares two days once more, so that a call is
 * found that the list has shown up to a day late, or not at all for some time. The first run of a week compares all
 * calls that the provider still has.
 */
function nextStart(comparedUntil: Instant | null, until: Instant, settledMs: number): Instant {
  if (comparedUntil === null) return 0;
  const isFirstOf = (periodMs: number) => Math.floor(comparedUntil / periodMs) < Math.floor(until / periodMs);
  if (isFirstOf(7 * DAY_MS)) return 0;
  return comparedUntil - (isFirstOf(DAY_MS) ? 2 * DAY_MS : settledMs);
}

function againAfter(error: unknown, everySeconds: number): number {
  const wished = error instanceof EgressFault ? Math.ceil((error.retryAfterMs ?? 0) / 1_000) : 0;
  return Math.max(MIN_AGAIN_SECONDS, everySeconds, wished);
}
