import type { Finding } from "./compare-calls.ts";

/** What a comparison did: figures of which none is a person's. */
export type ReconcileTally = {
  /** Sent to the provider's API. */
  requests: number;
  /** Calls that lists have shown; one that stands in two windows counts twice. */
  listed: number;
  /** Calls that were asked for by their ids. */
  asked: number;
  /** Of which the ledger lacked something, and has it now; in a dry run: would have it. */
  repaired: number;
  /** Of the repaired: the ledger had nothing of them. */
  booked: number;
  /** Of which it lacks something still. */
  missing: number;
  /** Of the missing: no organization has their agent. */
  unknown_agent: number;
  /** The provider no longer has them. */
  gone: number;
  /** Changed so lately that they are left to a later run. */
  unsettled: number;
  /** Elements of lists that are no calls. */
  unreadable: number;
  /** Parts of a window that hold more calls than a list shows. */
  crowded: number;
};

export function emptyTally(): ReconcileTally {
  return {
    requests: 0,
    listed: 0,
    asked: 0,
    repaired: 0,
    booked: 0,
    missing: 0,
    unknown_agent: 0,
    gone: 0,
    unsettled: 0,
    unreadable: 0,
    crowded: 0,
  };
}

/** Adds what was found. */
export function countFindings(tally: ReconcileTally, found: readonly Finding[]): void {
  for (const { lacked, missing } of found) {
    if (missing === "unknown_agent") tally.unknown_agent += 1;
    if (missing !== null) tally.missing += 1;
    else if (lacked !== null) {
      tally.repaired += 1;
      tally.booked += Number(lacked === "call");
    }
  }
}
