import type { WriteSeen } from "@call-ledger/ingest";

/** A finished request to a webhook endpoint. */
export type DeliverySeen = {
  /** `undefined`: the request ended before its provider was known. */
  readonly provider: string | undefined;
  /** The provider's name for the kind of delivery; `undefined`: the delivery was not verified. */
  readonly type: string | undefined;
  readonly outcome: string;
  /** Why the delivery is in quarantine; `undefined`: it is not. */
  readonly reason: string | undefined;
  readonly seconds: number;
};

/** The meters that count events as they happen. All other metrics are read at a scrape (`Readings`). */
export type Meters = {
  delivered(seen: DeliverySeen): void;
  wrote(seen: WriteSeen): void;
  /** A request that is not valid HTTP, answered with this status. */
  malformed(status: number): void;
  /** An invalid credential of the REST API. */
  refused(): void;
};

/** Meters that count nothing. */
export const NO_METERS: Meters = {
  delivered: () => undefined,
  wrote: () => undefined,
  malformed: () => undefined,
  refused: () => undefined,
};

/**
 * Meters that keep all counts until the real meters, whose library is slow to load, have arrived, and then pass
 * them on. They keep at most `maxKept` values, in case the real meters never arrive.
 */
export function metersToCome(maxKept: number): { readonly meters: Meters; arrived(meters: Meters): void } {
  let there: Meters | null = null;
  const kept: ((meters: Meters) => void)[] = [];
  const count = (what: (meters: Meters) => void) => {
    if (there !== null) what(there);
    else if (kept.length < maxKept) kept.push(what);
  };
  return {
    meters: {
      delivered: (seen) => count((meters) => meters.delivered(seen)),
      wrote: (seen) => count((meters) => meters.wrote(seen)),
      malformed: (status) => count((meters) => meters.malformed(status)),
      refused: () => count((meters) => meters.refused()),
    },
    arrived(meters) {
      there = meters;
      for (const what of kept.splice(0)) what(meters);
    },
  };
}
