import type { DeliveryToBook, PayloadReferences, PreparedDelivery } from "@call-ledger/db/write";
import { prepareDelivery } from "@call-ledger/db/write";
import type { Channel } from "@call-ledger/domain";
import { callOf, eventIdsOf } from "./delivery-content.ts";

/** A delivery as texts and bytes: all that is kept of it while it waits for its commit. */
export type PreparedBooking = PreparedDelivery & {
  readonly eventIds: readonly string[];
  /** `null`: it is about no call. */
  readonly providerCallId: string | null;
  readonly namesRecordings: boolean;
};

export type BookingOptions = {
  /** Of which channels recordings are kept. */
  readonly channels: readonly Channel[];
  /** What this process remembers of stored payloads; without it each is packed by itself. */
  readonly references?: PayloadReferences;
};

/** Needs no database: a delivery that waits is kept as what this makes of it. */
export function prepareBooking(delivery: DeliveryToBook, options: BookingOptions): PreparedBooking {
  return {
    ...prepareDelivery(delivery, options),
    eventIds: eventIdsOf(delivery),
    providerCallId: callOf(delivery),
    namesRecordings: namesRecordings(delivery),
  };
}

function namesRecordings({ content }: DeliveryToBook): boolean {
  return (
    "events" in content &&
    content.events.some(
      ({ event }) =>
        event.kind === "call.reported" && event.report.recordings.length + event.sources.length > 0,
    )
  );
}
