import type { QuarantinedPayload } from "@call-ledger/db/access";
import type { DeliveryOutcome, DeliveryToBook } from "@call-ledger/db/write";
import { readAgain } from "./read-again.ts";

/** The result for a quarantined delivery. */
export type Replayed = {
  readonly id: string;
  /**
   * `applied`, `observed`, `duplicate`: the delivery is booked. `quarantined`: it still waits. `replayed_before`: it
   * was booked earlier. `not_found`: there is no such delivery. `payload_gone`: its content was removed because of its
   * age.
   */
  readonly outcome: string;
  /** Why the delivery still waits, else `null`. */
  readonly reason: string | null;
};

/** The quarantine of a ledger. Every method throws DbError. */
export type Quarantine = {
  /** Returns `null` if there is no such delivery. */
  read(id: string): Promise<QuarantinedPayload | null>;
  /**
   * Books the translated events that are stored with a delivery, and marks the delivery. Returns `null` if it is gone
   * meanwhile.
   */
  replayTranslated(id: string): Promise<{ readonly outcome: string; readonly reason: string | null } | null>;
  markBooked(id: string): Promise<void>;
  book(delivery: DeliveryToBook): Promise<DeliveryOutcome>;
};

const BOOKED = new Set(["applied", "observed", "duplicate", "replayed_before"]);

export function isBooked({ outcome }: Replayed): boolean {
  return BOOKED.has(outcome);
}

/**
 * Tries to book one quarantined delivery: with the events that are stored with it, or, if it could not be translated at
 * its arrival, by reading its payload again. Throws DbError.
 */
export async function replayQuarantined(quarantine: Quarantine, id: string): Promise<Replayed> {
  const stored = await quarantine.read(id);
  if (stored === null) return { id, outcome: "not_found", reason: null };
  if (stored.replayedAt !== null) return { id, outcome: "replayed_before", reason: null };
  if (!stored.translated) return bookAgain(quarantine, stored);
  const replayed = await quarantine.replayTranslated(id);
  return replayed === null ? { id, outcome: "not_found", reason: null } : { id, ...replayed };
}

async function bookAgain(quarantine: Quarantine, stored: QuarantinedPayload): Promise<Replayed> {
  const { id, payload } = stored;
  if (payload === null) return { id, outcome: "payload_gone", reason: null };
  const read = readAgain(stored, payload);
  if (read.reads === "nothing") return { id, outcome: "quarantined", reason: read.reason };
  if (read.reads === "chatter") {
    await quarantine.markBooked(id);
    return { id, outcome: "observed", reason: null };
  }
  const { outcome, reason } = await quarantine.book(read.delivery);
  // If it is refused again, the row is still the same. For any other reason, a row with its events has replaced it.
  if (reason !== "refused") await quarantine.markBooked(id);
  return { id, outcome, reason };
}
