/** A deterministic source of chance: equal seeds give equal draws on every machine. */
export type Random = {
  /** In [0, 1). */
  fraction(): number;
  /** A whole number between the two, both included. */
  int(min: number, max: number): number;
  /** A number between the two with so many decimals. */
  decimal(min: number, max: number, decimals: number): number;
  chance(probability: number): boolean;
  /** Throws a RangeError for an empty list. */
  pick<T>(items: readonly T[]): T;
  /** One of the pairs' values; a pair of weight 2 comes up twice as often as one of weight 1. */
  weighted<T>(pairs: readonly (readonly [weight: number, value: T])[]): T;
  shuffled<T>(items: readonly T[]): T[];
  /** So many characters of an alphabet. */
  text(length: number, alphabet: string): string;
  /** A random (version 4) UUID. */
  uuid(): string;
};

const HEX = "0123456789abcdef";

/** A source that depends on all parts, and on nothing else. */
export function randomFrom(...seed: readonly (string | number)[]): Random {
  const fraction = sfc32(hash128(seed.join("\u0000")));
  const int = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1));
  const pick = <T>(items: readonly T[]): T => {
    for (const item of items.slice(int(0, items.length - 1))) return item;
    throw new RangeError("there is nothing to pick from");
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

/** PractRand-proven small fast counter generator, 128 bits of state. */
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

/** Four 32-bit FNV-1a hashes with different starts, each finished by murmur's avalanche. */
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
