export type CachedAccountsPorts<Account> = {
  /** Looks an account up by its id; `null`: there is none. */
  find(id: string): Promise<Account | null>;
  /** Milliseconds on a clock that does not jump. */
  now(): number;
};

export type CachedAccountsLimits = {
  /** How long an answer holds, counted from the question. */
  readonly holdsMs: number;
  /** How many are remembered of the accounts that there are, and of those that there are not. */
  readonly mostKnown: number;
  readonly mostUnknown: number;
};

type Remembered<Account> = { readonly until: number; readonly account: Account };

/**
 * Remembers accounts for a short while, those that are not there too. Who asks for an account that is being looked up
 * waits for the same answer. Ids that nobody has push out each other and no account that there is.
 * The returned function throws what `find` throws; that is not remembered.
 */
export function cachedAccounts<Account>(
  { find, now }: CachedAccountsPorts<Account>,
  { holdsMs, mostKnown, mostUnknown }: CachedAccountsLimits,
): (id: string) => Promise<Account | null> {
  const known = new Map<string, Remembered<Account>>();
  const unknown = new Map<string, Remembered<null>>();
  const asked = new Map<string, Promise<Account | null>>();

  const ask = async (id: string): Promise<Account | null> => {
    const until = now() + holdsMs;
    try {
      const account = await find(id);
      known.delete(id);
      unknown.delete(id);
      if (account === null) remember(unknown, id, { until, account }, mostUnknown);
      else remember(known, id, { until, account }, mostKnown);
      return account;
    } finally {
      asked.delete(id);
    }
  };

  return async (id) => {
    const found = known.get(id) ?? unknown.get(id);
    if (found !== undefined && found.until > now()) return found.account;
    const underWay = asked.get(id) ?? ask(id);
    asked.set(id, underWay);
    return underWay;
  };
}

/** The oldest one makes room. */
function remember<Value>(map: Map<string, Value>, id: string, value: Value, most: number): void {
  const [oldest] = map.keys();
  if (map.size >= most && oldest !== undefined) map.delete(oldest);
  map.set(id, value);
}
