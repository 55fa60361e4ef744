import { LRUCache } from "lru-cache";
import { AccountOverShare } from "./ledger-errors.ts";

/** Accounts that were silent longest are forgotten first; a forgotten one has its whole budget. */
const MAX_ACCOUNTS = 10_000;
/** As often does housekeeping cut the quarantine of an account to its share. */
const QUARANTINE_MS = 600_000;
const MINUTE_MS = 60_000;

export type AccountBudgetLimits = {
  /** Of verified bodies, in each minute. */
  readonly bytesPerMinute: number;
  /** Of stored payloads and events that go to quarantine, in ten minutes. */
  readonly quarantinedBytes: number;
};

/** What one organization's account may bring, so that it cannot fill the database for the others. */
export type AccountBudget = {
  /** A verified body of so many bytes is to be read and stored. Throws AccountOverShare if the account has no bytes left. */
  admit(accountId: string, bytes: number): void;
  /** A delivery that takes so many bytes has gone to quarantine. */
  quarantined(accountId: string, bytes: number): void;
};

/**
 * Two token buckets an account, in this process. A body is admitted while any bytes are left, whatever its own size, so
 * that the largest body passes too; the account then waits until its debt is paid. `now` in milliseconds, on a clock
 * that does not jump.
 */
export function accountBudget(limits: AccountBudgetLimits, now: () => number): AccountBudget {
  const arriving = buckets(limits.bytesPerMinute, MINUTE_MS, now);
  const waiting = buckets(limits.quarantinedBytes, QUARANTINE_MS, now);
  return {
    admit(accountId, bytes) {
      const waitMs = Math.max(arriving.waitMs(accountId), waiting.waitMs(accountId));
      if (waitMs > 0) throw new AccountOverShare(Math.ceil(waitMs / 1_000));
      arriving.take(accountId, bytes);
    },
    quarantined: (accountId, bytes) => waiting.take(accountId, bytes),
  };
}

/** Buckets of `bytes`, each of which is full again after `refillMs`. */
function buckets(bytes: number, refillMs: number, now: () => number) {
  const known = new LRUCache<string, { readonly left: number; readonly at: number }>({ max: MAX_ACCOUNTS });
  const perMs = bytes / refillMs;
  const leftOf = (accountId: string): number => {
    const last = known.get(accountId);
    return last === undefined ? bytes : Math.min(bytes, last.left + (now() - last.at) * perMs);
  };
  return {
    take: (accountId: string, taken: number): void =>
      void known.set(accountId, { left: leftOf(accountId) - taken, at: now() }),
    /** Milliseconds until bytes are left. */
    waitMs(accountId: string): number {
      const left = leftOf(accountId);
      return left > 0 ? 0 : Math.max(1, -left / perMs);
    },
  };
}
