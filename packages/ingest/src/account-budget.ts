import { LRUCache } from "lru-cache";
import { AccountOverShare } from "./ledger-errors.ts";

/** The accounts that were silent longest are forgotten first. A forgotten account has its whole budget again. */
const MAX_ACCOUNTS = 10_000;
/** The interval in which housekeeping cuts the quarantine of an account to its share. */
const QUARANTINE_MS = 600_000;
const MINUTE_MS = 60_000;

export type AccountBudgetLimits = {
  /** Bytes of verified bodies in a minute. */
  readonly bytesPerMinute: number;
  /** Bytes of stored payloads and events that go to quarantine in ten minutes. */
  readonly quarantinedBytes: number;
};

/** The limits of an organization's own account, so that it cannot fill the database at the expense of others. */
export type AccountBudget = {
  /**
   * Counts a verified body of this size, which is read and stored next. Throws AccountOverShare if the account has no
   * bytes left.
   */
  admit(accountId: string, bytes: number): void;
  /** Counts the bytes of a delivery that has gone to quarantine. */
  quarantined(accountId: string, bytes: number): void;
};

/**
 * Two token buckets for each account, in this process. A body of any size is admitted while some bytes are left, so
 * that the largest body can pass. Then the account waits until its debt is paid. `now` returns milliseconds on a
 * monotonic clock.
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

/** Buckets of `bytes`. An empty bucket is full again after `refillMs`. */
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
    /** Returns the milliseconds until the account has bytes left. */
    waitMs(accountId: string): number {
      const left = leftOf(accountId);
      return left > 0 ? 0 : Math.max(1, -left / perMs);
    },
  };
}
