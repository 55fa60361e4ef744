import type { Pool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/errors";
import type { DeliveryOutcome, DeliveryToBook } from "@call-ledger/db/write";
import { bookDeliveries } from "@call-ledger/db/write";
import type { Replayed } from "@call-ledger/ingest";
import { failure } from "../cli/command.ts";

const DEADLINE_MS = 20_000;

/** Returns the result of a delivery that was read again, as a line for people. */
export function replayedLine({ id, outcome, reason }: Replayed): string {
  return reason === null ? `${id}  ${outcome}` : `${id}  ${outcome}: ${reason}`;
}

/** Returns a function that books deliveries that were read again, one at a time. It throws DbError. */
export function singleBooking(pool: Pool): (delivery: DeliveryToBook) => Promise<DeliveryOutcome> {
  return async (delivery) => {
    const [outcome] = await bookDeliveries(pool, [delivery], {
      transport: "literal",
      deadlineMs: DEADLINE_MS,
    });
    if (outcome === undefined) throw failure("The database returned no result for a delivery.");
    if (outcome instanceof DbError) throw outcome;
    return outcome;
  };
}
