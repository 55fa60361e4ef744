import { compareBytes } from "../text/byte-order.ts";

/** A value, and the version of the statement that it was taken from. Versions are ASCII and compared by bytes. */
export type Versioned<T> = { readonly version: string; readonly value: T };

/**
 * How each version begins: whose word it is. The order of the letters is the order of trust, so a provider's word
 * stands before that of a caller of the SQL API, and either before what an older system has kept.
 */
export const SOURCE = { adopted: "a", caller: "c", provider: "p" } as const;

/** The letter of `SOURCE` that a version begins with. */
export function sourceOf(version: string): string {
  return version.slice(0, 1);
}

/** Orders two values before their versions are looked at: positive, if the first is to stand. */
export type Preference<T> = (a: T, b: T) => number;

const none = () => 0;

/**
 * The join of two values of one field: what is known stands before what is not, then what `first` prefers, then the
 * greater version, then what `last` prefers.
 */
export function greaterVersioned<T>(
  a: Versioned<T> | null,
  b: Versioned<T> | null,
  first: Preference<T> = none,
  last: Preference<T> = none,
): Versioned<T> | null {
  if (a === null) return b;
  if (b === null) return a;
  const order = first(a.value, b.value) || compareBytes(a.version, b.version) || last(a.value, b.value);
  return order >= 0 ? a : b;
}
