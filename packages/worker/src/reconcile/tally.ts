import type { Finding } from "./compare-calls.ts";

/** The counts of a comparison. None of them is about a person. */
export type ReconcileTally = {
  /** Requests to the provider's API. */
  requests: number;
  /** Calls in lists. A call in two windows counts twice. */
  listed: number;
  /** Calls that were requested by their ids. */
  asked: number;
  /** Calls of which the ledger lacked a part that it has now, or would have after a dry run. */
  repaired: number;
  /** Those of `repaired` that the ledger lacked as a whole. */
  booked: number;
  /** Calls of which the ledger still lacks a part. */
  missing: number;
  /** Those of `missing` whose agent belongs to no organization. */
  unknown_agent: number;
  /** Calls that the provider no longer has. */
  gone: number;
  /** Calls that changed so recently that they are left to a later run. */
  unsettled: number;
  /** Elements of lists that are not calls. */
  unreadable: number;
  /** Parts of a window with more calls than a list shows. */
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

/** Adds findings to the counts. */
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
