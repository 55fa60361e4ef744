import type { Administration, QuarantinedPayload } from "@call-ledger/db/access";
import { findWaiting, markBooked, replayTranslated } from "@call-ledger/db/access";
import type { Rebooking } from "./replay-event.ts";
import { rebook } from "./replay-event.ts";

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

/** The rights of the operator, who may see the quarantine, and the ways to book. They throw DbError. */
export type ReplayPorts = Rebooking & { readonly asOperator: Administration["asOperator"] };

const BOOKED = new Set(["applied", "observed", "duplicate", "replayed_before"]);

export function isBooked({ outcome }: Replayed): boolean {
  return BOOKED.has(outcome);
}

/**
 * Tries to book one quarantined delivery: with the events that are stored with it, or, if it could not be translated at
 * its arrival, by reading its payload again. Throws DbError.
 */
export async function replayQuarantined(ports: ReplayPorts, id: string): Promise<Replayed> {
  const { asOperator } = ports;
  const stored = (await asOperator((db) => findWaiting(db, id)))?.payload ?? null;
  if (stored === null) return { id, outcome: "not_found", reason: null };
  if (stored.replayedAt !== null) return { id, outcome: "replayed_before", reason: null };
  if (!stored.translated) return bookAgain(ports, stored);
  const replayed = await asOperator((db) => replayTranslated(db, id));
  return replayed === null ? { id, outcome: "not_found", reason: null } : { id, ...replayed };
}

async function bookAgain(ports: ReplayPorts, stored: QuarantinedPayload): Promise<Replayed> {
  const { id, payload } = stored;
  if (payload === null) return { id, outcome: "payload_gone", reason: null };
  const { outcome, reason } = await rebook(stored, payload, ports);
  if (outcome === null || outcome === "unreadable") return { id, outcome: "quarantined", reason };
  // If it is refused again, the row is still the same. For any other reason, a row with its events has replaced it.
  if (reason !== "refused") await ports.asOperator((db) => markBooked(db, id));
  return { id, outcome, reason };
}
