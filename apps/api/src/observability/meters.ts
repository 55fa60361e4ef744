import type { WriteSeen } from "@call-ledger/ingest";

/** A request to a webhook endpoint that is over. */
export type DeliverySeen = {
  /** `undefined` where the request did not get as far. */
  readonly provider: string | undefined;
  /** The provider's name for the kind of delivery; only what was verified has one. */
  readonly type: string | undefined;
  readonly outcome: string;
  /** Why it is in quarantine. */
  readonly reason: string | undefined;
  readonly seconds: number;
};

/** What is told as it happens; everything else is asked for at a scrape. */
export type Meters = {
  delivered(seen: DeliverySeen): void;
  wrote(seen: WriteSeen): void;
  /** A request that is no HTTP, answered with this status. */
  malformed(status: number): void;
  /** A credential of the REST API that did not hold. */
  refused(): void;
};

/** Nobody measures. */
export const NO_METERS: Meters = {
  delivered: () => undefined,
  wrote: () => undefined,
  malformed: () => undefined,
  refused: () => undefined,
};

/**
 * Meters that come later, because what they are made of is slow to load: what is told before is told again when they
 * are there. `maxKept` bounds it, should they never come.
 */
export function metersToCome(maxKept: number): { readonly meters: Meters; arrived(meters: Meters): void } {
  let there: Meters | null = null;
  const kept: ((meters: Meters) => void)[] = [];
  const tell = (what: (meters: Meters) => void) => {
    if (there !== null) what(there);
    else if (kept.length < maxKept) kept.push(what);
  };
  return {
    meters: {
      delivered: (seen) => tell((meters) => meters.delivered(seen)),
      wrote: (seen) => tell((meters) => meters.wrote(seen)),
      malformed: (status) => tell((meters) => meters.malformed(status)),
      refused: () => tell((meters) => meters.refused()),
    },
    arrived(meters) {
      there = meters;
      for (const what of kept.splice(0)) what(meters);
    },
  };
}
