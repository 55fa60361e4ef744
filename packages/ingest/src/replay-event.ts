import type { StoredEvent } from "@call-ledger/db/read";
import type { DeliveryOutcome, DeliveryToBook } from "@call-ledger/db/write";
import { readAgain } from "./read-again.ts";

/** What reading a stored delivery again has done; `null` for the outcome: its content is no longer stored. */
export type ReplayedEvent = {
  readonly outcome: DeliveryOutcome["outcome"] | "unreadable" | null;
  /** Why it was not booked. */
  readonly reason: string | null;
};

/**
 * Reads the delivery of a booked event with today's adapter, and books what it says. The claim of each event decides, as
 * for a redelivery: what is booked already is a duplicate. Throws what `book` throws.
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
