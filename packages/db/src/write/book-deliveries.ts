import { createHash } from "node:crypto";
import { DbError, worthRepeating } from "../client/pg-error.ts";
import type { Pool } from "../client/pool.ts";
import type { DeliveryToRecord } from "./delivery-document.ts";
import type { DeliveryOutcome, RecordingOptions } from "./record-deliveries.ts";
import { recordDeliveries } from "./record-deliveries.ts";

/** `deadlineMs` is for everything: waiting, repeating and isolating included. */
export type BookingOptions = RecordingOptions;

/** By delivery: what became of it, or why it has to come again. */
export type Booked = (DeliveryOutcome | DbError)[];

const MOST_REPETITIONS = 5;

/** Somebody holds the lock of one of the batch's calls for long; the others need not wait for it. */
const LOCK_TIMEOUT = "55P03";

/**
 * Books deliveries so that one hurts no other. A batch that the database refuses is halved until the poison is alone,
 * and that one goes to quarantine as `refused`. A batch in which somebody holds a call's lock for long is booked one by
 * one, so that only the held call's deliveries have to come again. Deadlocks and serialization failures are repeated.
 * Gives for each delivery, in their order, its outcome, or the DbError for which it has to come again. Never throws a DbError.
 */
export async function bookDeliveries(
  pool: Pool,
  deliveries: readonly DeliveryToRecord[],
  options: BookingOptions,
): Promise<Booked> {
  const until = performance.now() + options.deadlineMs;

  const attempt = async (batch: readonly DeliveryToRecord[], repetition: number): Promise<Booked> => {
    try {
      const remaining = Math.max(1, until - performance.now());
      return await recordDeliveries(pool, batch, { ...options, deadlineMs: remaining });
    } catch (error) {
      if (!(error instanceof DbError)) throw error;
      return recover(batch, error, repetition);
    }
  };
  const recover = async (
    batch: readonly DeliveryToRecord[],
    error: DbError,
    repetition: number,
  ): Promise<Booked> => {
    const [first] = batch;
    if (batch.length > 1 && error.code === LOCK_TIMEOUT) {
      return (await Promise.all(batch.map((delivery) => attempt([delivery], 0)))).flat();
    }
    if (batch.length > 1 && error.kind === "refused") {
      const middle = Math.ceil(batch.length / 2);
      const head = await attempt(batch.slice(0, middle), 0);
      return [...head, ...(await attempt(batch.slice(middle), 0))];
    }
    if (worthRepeating(error) && repetition < MOST_REPETITIONS) return attempt(batch, repetition + 1);
    if (error.kind !== "refused" || first === undefined || "refusal" in first.content) {
      return batch.map(() => error);
    }
    return attempt([asRefused(first, error)], 0);
  };

  return attempt(deliveries, 0);
}

/** The delivery reduced to what every database takes: its payload, and why it was refused. */
function asRefused(delivery: DeliveryToRecord, error: DbError): DeliveryToRecord {
  const contentKey = `refused:${createHash("sha256").update(delivery.payload).digest("base64url")}`;
  return { ...delivery, content: { refusal: "refused", detail: error.message, contentKey } };
}
