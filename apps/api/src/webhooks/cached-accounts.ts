import { LRUCache } from "lru-cache";

export type CachedAccountsPorts<Account> = {
  /** Looks an account up by its id; `null`: there is none. */
  find(id: string): Promise<Account | null>;
  /** Milliseconds on a clock that does not jump. */
  now(): number;
};

export type CachedAccountsLimits = {
  /** How long an answer is used, from the beginning of its lookup. */
  readonly holdsMs: number;
  /** The max number of remembered accounts, and of remembered ids without an account. */
  readonly maxKnown: number;
  readonly maxUnknown: number;
};

type Remembered<Account> = { readonly until: number; readonly account: Account };

/**
 * Remembers accounts, and ids without an account, for a short while. Requests for an account that is being looked up
 * wait for the same answer. Ids without an account displace only each other, never an account. The returned function
 * throws the errors of `find`, which are not remembered.
 */
export function cachedAccounts<Account>(
  { find, now }: CachedAccountsPorts<Account>,
  { holdsMs, maxKnown, maxUnknown }: CachedAccountsLimits,
): (id: string) => Promise<Account | null> {
  const known = new LRUCache<string, Remembered<Account>>({ max: maxKnown });
  const unknown = new LRUCache<string, Remembered<null>>({ max: maxUnknown });
  const running = new Map<string, Promise<Account | null>>();

  const lookUp = async (id: string): Promise<Account | null> => {
    const until = now() + holdsMs;
    try {
      const account = await find(id);
      known.delete(id);
      unknown.delete(id);
      if (account === null) unknown.set(id, { until, account: null });
      else known.set(id, { until, account });
      return account;
    } finally {
      running.delete(id);
    }
  };

  return async (id) => {
    const found = known.get(id) ?? unknown.get(id);
    if (found !== undefined && found.until > now()) return found.account;
    const account = running.get(id) ?? lookUp(id);
    running.set(id, account);
    return account;
  };
}
