import type { StoredEvent } from "@call-ledger/db/read";
import type { DeliveryOutcome, DeliveryToBook } from "@call-ledger/db/write";
import { readAgain } from "./read-again.ts";

/** The result of replaying a stored delivery. The outcome is `null` if the content is no longer stored. */
export type ReplayedEvent = {
  readonly outcome: DeliveryOutcome["outcome"] | "unreadable" | null;
  /** Why the delivery was not booked. */
  readonly reason: string | null;
};

/**
 * Reads the delivery of a booked event with the current adapter and books its events. The claim of each event decides,
 * as for a redelivery: an event that is booked already is a duplicate. Throws the errors of `book`.
 */
export async function replayEvent(
  { provider, accountId, receivedAt, payload }: StoredEvent,
  book: (delivery: DeliveryToBook) => Promise<DeliveryOutcome>,
): Promise<ReplayedEvent> {
  if (payload === null) return { outcome: null, reason: null };
  const read = readAgain({ provider, accountId, receivedAt }, payload);
  if (read.reads === "chatter") return { outcome: "observed", reason: null };
  if (read.reads === "nothing") return { outcome: "unreadable", reason: read.reason };
  const { outcome, reason } = await book(read.delivery);
  return { outcome, reason };
}
