/** What was noted lately: never a proof, because it forgets, and knows nothing of other processes. */
export type RecentKeys = {
  has(key: string): boolean;
  note(key: string): void;
};

/** Remembers the last `most` keys at least, and never more than twice as many. */
export function recentKeys(most: number): RecentKeys {
  let young = new Set<string>();
  let old = new Set<string>();
  return {
    has: (key) => young.has(key) || old.has(key),
    note(key) {
      young.add(key);
      if (young.size < most) return;
      old = young;
      young = new Set();
    },
  };
}
