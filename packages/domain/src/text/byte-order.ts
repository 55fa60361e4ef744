/**
 * Compares two strings by their UTF-8 bytes, as Postgres does under `COLLATE "C"`.
 * Code point order equals UTF-8 byte order; JavaScript's `<` compares UTF-16 units, which differs above U+FFFF.
 * Returns a negative number, 0 or a positive number.
 */
export function compareBytes(a: string, b: string): number {
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const x = left.next();
    const y = right.next();
    if (x.done || y.done) return Number(!x.done) - Number(!y.done);
    const difference = (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
}

/** Returns the greater of two texts by bytes. `null` is less than any text. */
export function greaterText<T extends string>(a: T | null, b: T | null): T | null {
  if (a === null) return b;
  if (b === null) return a;
  return compareBytes(a, b) >= 0 ? a : b;
}
