import type { DeliveryToBook, PayloadReferences, PreparedDelivery } from "@call-ledger/db/write";
import { prepareDelivery } from "@call-ledger/db/write";
import type { Channel } from "@call-ledger/domain";
import { callOf, eventIdsOf } from "./delivery-content.ts";

/** A delivery as texts and bytes. They are all that is kept while the delivery waits for its commit. */
export type PreparedBooking = PreparedDelivery & {
  readonly eventIds: readonly string[];
  /** `null`: the delivery is about no call. */
  readonly providerCallId: string | null;
  readonly namesRecordings: boolean;
};

export type BookingOptions = {
  /** The channels whose recordings are kept. */
  readonly channels: readonly Channel[];
  /** The payloads that this process remembers as stored. Without them, each payload is packed on its own. */
  readonly references?: PayloadReferences;
};

/** Prepares a delivery for its write, without the database. A waiting delivery is kept in this form. */
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
