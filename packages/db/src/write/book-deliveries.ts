import { createHash } from "node:crypto";
import { DbError, worthRepeating } from "../client/pg-error.ts";
import type { Pool } from "../client/pool.ts";
import type { DeliveryToRecord } from "./delivery-document.ts";
import type { DeliveryOutcome, Transport } from "./record-deliveries.ts";
import { recordDeliveries } from "./record-deliveries.ts";

export type BookingOptions = {
  readonly transport: Transport;
  /** Milliseconds for everything: waiting, repeating and isolating included. */
  readonly deadlineMs: number;
};

const MOST_REPETITIONS = 5;

/**
 * Books deliveries so that one that the database refuses hurts no other: a refused batch is halved until the poison is
 * alone, and that one goes to quarantine as `refused`. Deadlocks, serialization failures and lock timeouts are repeated.
 * Throws DbError when the database is unavailable, or for a bug of ours; then the deliveries have to come again.
 */
export async function bookDeliveries(
  pool: Pool,
  deliveries: readonly DeliveryToRecord[],
  { transport, deadlineMs }: BookingOptions,
): Promise<DeliveryOutcome[]> {
  const until = performance.now() + deadlineMs;

  const attempt = async (
    batch: readonly DeliveryToRecord[],
    repetition: number,
  ): Promise<DeliveryOutcome[]> => {
    const remaining = Math.max(1, until - performance.now());
    try {
      return await recordDeliveries(pool, batch, { transport, deadlineMs: remaining });
    } catch (error) {
      if (worthRepeating(error) && repetition < MOST_REPETITIONS) return attempt(batch, repetition + 1);
      if (!(error instanceof DbError) || error.kind !== "refused") throw error;
      const [first] = batch;
      if (first === undefined) throw error;
      if (batch.length > 1) {
        const middle = Math.ceil(batch.length / 2);
        const head = await attempt(batch.slice(0, middle), 0);
        return [...head, ...(await attempt(batch.slice(middle), 0))];
      }
      if ("refusal" in first.content) throw error;
      return attempt([asRefused(first, error)], 0);
    }
  };

  return attempt(deliveries, 0);
}

/** The delivery reduced to what every database takes: its payload, and why it was refused. */
function asRefused(delivery: DeliveryToRecord, error: DbError): DeliveryToRecord {
  const contentKey = `refused:${createHash("sha256").update(delivery.payload).digest("base64url")}`;
  return { ...delivery, content: { refusal: "refused", detail: error.message, contentKey } };
}
