import type { StoredEvent } from "@call-ledger/db/read";
import type { DeliveryOutcome, DeliveryToBook } from "@call-ledger/db/write";
import type { Booking } from "./booking.ts";
import type { DeliveryReader } from "./delivery-reader.ts";
import { refusedByQueue } from "./ledger-errors.ts";
import { readAgain } from "./read-again.ts";
import { LARGE_BODY } from "./read-aside.ts";
import type { VerifiedDelivery } from "./read-delivery.ts";

/** The result of replaying a stored delivery. The outcome is `null` if the content is no longer stored. */
export type ReplayedEvent = {
  readonly outcome: DeliveryOutcome["outcome"] | "unreadable" | null;
  /** Why the delivery was not booked. */
  readonly reason: string | null;
};

/** The ways to book a delivery that is read again. Both throw the errors of the booking. */
export type Rebooking = {
  book(delivery: DeliveryToBook): Promise<DeliveryOutcome>;
  /** Reads and books a large delivery. Without it large deliveries are read like others. */
  bookLarge?(delivery: VerifiedDelivery): Promise<ReplayedEvent>;
};

/**
 * Returns a way to book large deliveries whose bodies are read in a thread, so that no other request waits for them.
 */
export function rebookingAside(
  { readAside }: Pick<DeliveryReader, "readAside">,
  { book }: Pick<Booking, "book">,
): NonNullable<Rebooking["bookLarge"]> {
  return async (delivery) => {
    const { unread, prepared } = await readAside(delivery, 0).catch(refusedByQueue);
    if (unread !== null) return { outcome: "unreadable", reason: unread };
    if (prepared === null) return { outcome: "observed", reason: null };
    const { outcome, reason } = await book(prepared, 0);
    return { outcome, reason };
  };
}

/**
 * Reads the delivery of a booked event with the current adapter and books its events. The claim of each event decides,
 * as for a redelivery: an event that is booked already is a duplicate. Throws the errors of the booking.
 */
export async function replayEvent(event: StoredEvent, rebooking: Rebooking): Promise<ReplayedEvent> {
  return event.payload === null ? { outcome: null, reason: null } : rebook(event, event.payload, rebooking);
}

/** Reads a stored payload again, and books its events. Throws the errors of the booking. */
export async function rebook(
  { provider, accountId, receivedAt }: Pick<StoredEvent, "provider" | "accountId" | "receivedAt">,
  payload: string,
  { book, bookLarge }: Rebooking,
): Promise<ReplayedEvent> {
  if (bookLarge !== undefined && payload.length >= LARGE_BODY) {
    const body = new TextEncoder().encode(payload);
    const at = receivedAt.getTime();
    return bookLarge({ provider, accountId, receivedAt: at, providerDeliveryId: null, body });
  }
  const read = readAgain({ provider, accountId, receivedAt }, payload);
  if (read.reads === "chatter") return { outcome: "observed", reason: null };
  if (read.reads === "nothing") return { outcome: "unreadable", reason: read.reason };
  const { outcome, reason } = await book(read.delivery);
  return { outcome, reason };
}
