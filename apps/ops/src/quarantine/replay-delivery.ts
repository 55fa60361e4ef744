import type { DeliveryOutcome, DeliveryToRecord } from "@call-ledger/db/write";
import type { Owner, QuarantinedPayload } from "@call-ledger/db-operator/admin";
import { markReplayed, readQuarantined, replayStored } from "@call-ledger/db-operator/admin";
import { readAgain } from "@call-ledger/ingest";

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

export type Ledger = {
  readonly owner: Owner;
  book(delivery: DeliveryToRecord): Promise<DeliveryOutcome>;
};

const BOOKED = new Set(["applied", "observed", "duplicate", "replayed_before"]);

export function isBooked({ outcome }: Replayed): boolean {
  return BOOKED.has(outcome);
}

/**
 * Tries to book one quarantined delivery: by the events that are stored with it or, where it could not be translated
 * when it came, by reading its payload again. Throws DbError.
 */
export async function replayDelivery(ledger: Ledger, id: string): Promise<Replayed> {
  const { owner } = ledger;
  const stored = await readQuarantined(owner, id);
  if (stored === null) return { id, outcome: "not_found", reason: null };
  if (stored.replayedAt !== null) return { id, outcome: "replayed_before", reason: null };
  if (!stored.translated) return bookAgain(ledger, stored);
  const replayed = await replayStored(owner, id);
  return replayed === null ? { id, outcome: "not_found", reason: null } : { id, ...replayed };
}

async function bookAgain({ owner, book }: Ledger, stored: QuarantinedPayload): Promise<Replayed> {
  const { id, payload } = stored;
  if (payload === null) return { id, outcome: "payload_gone", reason: null };
  const read = readAgain(stored, payload);
  if (read.reads === "nothing") return { id, outcome: "quarantined", reason: read.reason };
  if (read.reads === "chatter") {
    await markReplayed(owner, id);
    return { id, outcome: "observed", reason: null };
  }
  const { outcome, reason } = await book(read.delivery);
  // Refused again, it is still the same row; for any other reason a row with its events has taken its place.
  if (reason !== "refused") await markReplayed(owner, id);
  return { id, outcome, reason };
}
