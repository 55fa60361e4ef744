import type { QuarantinedPayload } from "@call-ledger/db/access";
import type { DeliveryOutcome, DeliveryToBook } from "@call-ledger/db/write";
import { readAgain } from "./read-again.ts";

/** What became of a quarantined delivery. */
export type Replayed = {
  readonly id: string;
  /**
   * `applied`, `observed`, `duplicate`: it is booked. `quarantined`: it still waits. `replayed_before`: nothing was left
   * to do. `not_found`: there is no such delivery. `payload_gone`: it is too old, its content was removed.
   */
  readonly outcome: string;
  /** Why it still waits, else `null`. */
  readonly reason: string | null;
};

/** The quarantine of a ledger. Every method throws DbError. */
export type Quarantine = {
  /** `null`: there is no such delivery. */
  read(id: string): Promise<QuarantinedPayload | null>;
  /** Books the translated events that a delivery is stored with, and marks it; `null`: it is gone meanwhile. */
  replayTranslated(id: string): Promise<{ readonly outcome: string; readonly reason: string | null } | null>;
  markBooked(id: string): Promise<void>;
  book(delivery: DeliveryToBook): Promise<DeliveryOutcome>;
};

const BOOKED = new Set(["applied", "observed", "duplicate", "replayed_before"]);

export function isBooked({ outcome }: Replayed): boolean {
  return BOOKED.has(outcome);
}

/**
 * Tries to book one quarantined delivery: by the events that are stored with it or, where it could not be translated
 * when it came, by reading its payload again. Throws DbError.
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
  // Refused again, it is still the same row; for any other reason a row with its events has taken its place.
  if (reason !== "refused") await quarantine.markBooked(id);
  return { id, outcome, reason };
}
