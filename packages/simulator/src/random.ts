/** A deterministic source of random values. Equal seeds give equal draws on every machine. */
export type Random = {
  /** Returns a number in [0, 1). */
  fraction(): number;
  /** Returns a whole number between the bounds, both included. */
  int(min: number, max: number): number;
  /** Returns a number between the bounds with the given number of decimals. */
  decimal(min: number, max: number, decimals: number): number;
  chance(probability: number): boolean;
  /** Returns one of the items. Throws a RangeError for an empty list. */
  pick<T>(items: readonly T[]): T;
  /** Returns the value of one of the pairs. A pair of weight 2 is drawn twice as often as one of weight 1. */
  weighted<T>(pairs: readonly (readonly [weight: number, value: T])[]): T;
  shuffled<T>(items: readonly T[]): T[];
  /** Returns a text of the given length from the letters of an alphabet. */
  text(length: number, alphabet: string): string;
  /** Returns a random UUID (version 4). */
  uuid(): string;
};

const HEX = "0123456789abcdef";

/** Returns a source that depends on all parts of the seed and on nothing else. */
export function randomFrom(...seed: readonly (string | number)[]): Random {
  const fraction = sfc32(hash128(seed.join("\u0000")));
  const int = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1));
  const pick = <T>(items: readonly T[]): T => {
    for (const item of items.slice(int(0, items.length - 1))) return item;
    throw new RangeError("the list is empty");
  };
  const text = (length: number, alphabet: string) => {
    let result = "";
    for (let index = 0; index < length; index += 1) result += alphabet[int(0, alphabet.length - 1)];
    return result;
  };
  return {
    fraction,
    int,
    pick,
    text,
    decimal: (min, max, decimals) => Number((min + fraction() * (max - min)).toFixed(decimals)),
    chance: (probability) => fraction() < probability,
    weighted: (pairs) => {
      let rest = fraction() * pairs.reduce((sum, [weight]) => sum + weight, 0);
      const chosen = pairs.find(([weight]) => {
        rest -= weight;
        return rest < 0;
      });
      return (chosen ?? pick(pairs))[1];
    },
    shuffled: (items) => {
      const rest = [...items];
      return items.flatMap(() => rest.splice(int(0, rest.length - 1), 1));
    },
    uuid: () =>
      `${text(8, HEX)}-${text(4, HEX)}-4${text(3, HEX)}-${text(1, "89ab")}${text(3, HEX)}-${text(12, HEX)}`,
  };
}

type State = [number, number, number, number];

/** The generator sfc32 (small fast counter), which passes PractRand. It has 128 bits of state. */
function sfc32([a, b, c, d]: State): () => number {
  const next = () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
}

/** Four 32-bit FNV-1a hashes with different starts. Murmur's avalanche finishes each of them. */
function hash128(text: string): State {
  const start = (salt: number) => {
    let hash = 0x811c9dc5 ^ salt;
    for (let index = 0; index < text.length; index += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  };
  return [start(0x9e3779b9), start(0x243f6a88), start(0xb7e15162), start(0xdeadbeef)];
}
