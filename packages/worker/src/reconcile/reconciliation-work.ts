import { DbError } from "@call-ledger/db/errors";
import type { Compared, HeldReconciliation, WorkerSession } from "@call-ledger/db/jobs";
import { claimReconciliation, extendReconciliation, settleReconciliation } from "@call-ledger/db/jobs";
import { RecordingFault } from "@call-ledger/storage";
import type { LeasedWork } from "../loop/leased-work.ts";
import { runLeased } from "../loop/leased-work.ts";
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
    held: HeldReconciliation,
    tally: ReconcileTally,
  ): Promise<{ readonly account: ApiAccount; readonly ports: ReconcilePorts } | null>;
  /** How often each account is due. */
  readonly everySeconds: number;
  readonly leaseSeconds: number;
  now(): number;
  onEnd(run: SettledReconciliation): void;
  onError(error: unknown): void;
};

type HeldAccount = { readonly held: HeldReconciliation; compared: Compared };

/** How a run ended: with what it did, or why it has failed, in words without a value. */
export type SettledReconciliation = {
  readonly accountId: string;
  readonly tally: ReconcileTally;
  readonly error: string | null;
};

const DAY_SECONDS = 86_400;
const MIN_AGAIN_SECONDS = 30;

/** Comparisons of accounts with their providers, as they are due; `chosen`: of that account, whether or not it is due. */
export function reconciliationWork(
  ports: ReconciliationPorts,
  chosen: string | null = null,
): LeasedWork<HeldAccount, SettledReconciliation> {
  const { session, leaseSeconds, platformAccounts } = ports;
  const extend = ({ held, compared }: HeldAccount) =>
    extendReconciliation(session, held, leaseSeconds, compared);
  return {
    leaseMs: leaseSeconds * 1_000,
    async claim() {
      const held = await claimReconciliation(session, { platformAccounts, chosen, leaseSeconds });
      return held === null ? [] : [{ held, compared: { since: null, until: null } }];
    },
    async run(job, signal) {
      const tally = emptyTally();
      const run = (error: string | null) => ({ accountId: job.held.providerAccountId, tally, error });
      let again = ports.everySeconds;
      let ended = run(null);
      try {
        const isOffered = await reconcile(job, ports, tally, signal);
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

/** Compares one account here and now; `null`: another process does it at the moment, or it has no API key. Throws DbError. */
export async function reconcileNow(
  accountId: string,
  ports: ReconciliationPorts,
  stop: AbortSignal,
): Promise<SettledReconciliation | "stopped" | "lost" | null> {
  const work = reconciliationWork(ports, accountId);
  const [job] = await work.claim(1);
  return job === undefined ? null : runLeased(job, work, stop);
}

/** `false`: the provider's API has no calls. */
async function reconcile(
  job: HeldAccount,
  { apiOf, session, leaseSeconds, now }: ReconciliationPorts,
  tally: ReconcileTally,
  signal: AbortSignal,
): Promise<boolean> {
  const found = await apiOf(job.held, tally);
  if (found === null) return false;
  const { account, ports } = found;
  const { settledMs } = account.api;
  const to = now() - settledMs;
  // Compared once more: a list that lags longer than it ever did has shown its calls by now.
  const oldest = now() - account.retentionMs;
  // Compared once more: a list that lags longer than it ever did has shown its calls by now.
  const overlap = (job.held.comparedUntil ?? 0) - settledMs;
  const from = Math.max(overlap, oldest);
  const since = from === oldest ? oldest : null;
  await reconcileWindow(account, { by: "changed", from, to }, ports, tally, {
    signal,
    async comeTo(until) {
      job.compared = { since, until };
      const isHeld = await extendReconciliation(session, job.held, leaseSeconds, job.compared);
      if (!isHeld) throw new RecordingFault("lost", "taken over");
    },
  });
  await askForCalls(account, ports, tally, signal);
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
