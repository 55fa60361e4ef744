import type { Log } from "@call-ledger/process";
import { outageLog } from "@call-ledger/process";
import type { WorkLoop } from "../loop/work-loop.ts";
import { workLoop } from "../loop/work-loop.ts";
import type { SettledReconciliation } from "../reconcile/reconciliation-work.ts";
import { reconciliationWork } from "../reconcile/reconciliation-work.ts";
import { reconciliationPorts } from "./reconciliation-ports.ts";

type ReconcilerDeps = Omit<Parameters<typeof reconciliationPorts>[0], "onEnd" | "onError"> & {
  readonly log: Pick<Log, "info" | "warn">;
  /** The interval in which it looks for accounts that are due. */
  readonly housekeepingMs: number;
};

/** Two at a time, so that a large account does not delay the others. */
const AT_ONCE = 2;

/** Compares accounts with their providers when they are due. Does nothing if RECONCILE_MINUTES is 0. */
export function startReconciler({ log, housekeepingMs, ...deps }: ReconcilerDeps): Pick<WorkLoop, "stop"> {
  if (deps.config.RECONCILE_MINUTES === 0) return { stop: async () => undefined };
  const say = sayingOnce(log);
  const outage = outageLog(log, "Comparisons with providers are interrupted");
  const ports = reconciliationPorts({
    ...deps,
    onEnd(run) {
      outage.worked();
      say(run);
    },
    onError: outage.failed,
  });
  return workLoop(reconciliationWork(ports), { concurrency: AT_ONCE, pollMs: housekeepingMs });
}

/**
 * Returns a function that logs a run if it changed something, or left out a call. The same failure of an account is
 * logged once.
 */
function sayingOnce(log: Pick<Log, "info" | "warn">): (run: SettledReconciliation) => void {
  const failures = new Map<string, string>();
  return ({ accountId: account, tally, error }) => {
    const before = failures.get(account);
    if (error === null) failures.delete(account);
    else failures.set(account, error);
    if (error !== null && error !== before) log.warn({ account, error }, "An account cannot be compared");
    if (error === null && tally.repaired + tally.gone > 0) {
      log.info({ account, ...tally }, "Calls were repaired from the provider");
    }
    if (tally.unreadable + tally.crowded > 0) {
      log.warn({ account, ...tally }, "Entries of the provider's list could not be compared");
    }
  };
}
