import { compareBytes } from "../text/byte-order.ts";

/** A value, and the version of the statement that it was taken from. Versions are ASCII and compared by bytes. */
export type Versioned<T> = { readonly version: string; readonly value: T };

/**
 * The first letter of each version: its source. The order of the letters is the order of trust: a provider wins over a
 * caller of the SQL API, and both win over the tables of an older system. `early` is what a provider says of a call
 * before its report.
 */
export const SOURCE = { adopted: "a", caller: "c", early: "e", provider: "p" } as const;

/** Returns the letter of `SOURCE` with which a version begins. */
export function sourceOf(version: string): string {
  return version.slice(0, 1);
}

/** Compares two values of a field by content. Positive: the first value wins. */
export type Preference<T> = (a: T, b: T) => number;

/**
 * Returns the join of two values of one field. A known value wins over `null`. Two known values are compared by
 * `first`, then by version, then by `last`.
 */
export function greaterVersioned<T>(
  a: Versioned<T> | null,
  b: Versioned<T> | null,
  { first, last }: { first?: Preference<T> | undefined; last?: Preference<T> | undefined } = {},
): Versioned<T> | null {
  if (a === null) return b;
  if (b === null) return a;
  const order =
    (first?.(a.value, b.value) ?? 0) || compareBytes(a.version, b.version) || (last?.(a.value, b.value) ?? 0);
  return order >= 0 ? a : b;
}
