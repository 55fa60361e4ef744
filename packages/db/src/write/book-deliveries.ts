import type { DbError } from "../client/pg-error.ts";
import { SQLSTATE, worthRepeating } from "../client/pg-error.ts";
import type { Pool } from "../client/pool.ts";
import type { DeliveryToBook } from "./delivery-to-book.ts";
import { writeHalving } from "./halve-batch.ts";
import type { PreparedDelivery } from "./prepared-delivery.ts";
import { asRefused, prepareDelivery } from "./prepared-delivery.ts";
import type { DeliveryOutcome, RecordingOptions, WriteOptions } from "./record-deliveries.ts";
import { recordPrepared } from "./record-deliveries.ts";

/** By delivery: what became of it, or why it has to come again. */
export type Booked = (DeliveryOutcome | DbError)[];

/** `bookPrepared` for deliveries that nothing was done with yet. */
export async function bookDeliveries(
  pool: Pool,
  deliveries: readonly DeliveryToBook[],
  options: RecordingOptions,
): Promise<Booked> {
  const prepared = deliveries.map((delivery) => prepareDelivery(delivery, options));
  return bookPrepared(pool, prepared, options);
}

/**
 * Books deliveries so that none affects another. A batch that the database refuses is halved until the refused delivery
 * is alone; that one goes to quarantine as `refused`. A batch in which somebody holds a call's lock for long is booked one by
 * one, so that only the held call's deliveries have to come again. Deadlocks and serialization failures are repeated.
 * Gives for each delivery, in their order, its outcome, or the DbError for which it has to come again. Never throws a DbError.
 * The deadline is for everything: waiting, repeating and isolating included.
 */
export async function bookPrepared(
  pool: Pool,
  deliveries: readonly PreparedDelivery[],
  options: WriteOptions,
): Promise<Booked> {
  const until = performance.now() + options.deadlineMs;
  const write = (batch: readonly PreparedDelivery[]): Promise<Booked> =>
    recordPrepared(pool, batch, { ...options, deadlineMs: Math.max(1, until - performance.now()) });
  const attempt = (batch: readonly PreparedDelivery[]): Promise<Booked> =>
    writeHalving(batch, { write, passesLater: worthRepeating, giveUp });
  const giveUp = async (batch: readonly PreparedDelivery[], error: DbError): Promise<Booked> => {
    const [first] = batch;
    if (batch.length > 1 && error.code === SQLSTATE.lockNotAvailable) {
      return (await Promise.all(batch.map((delivery) => attempt([delivery])))).flat();
    }
    if (error.kind !== "refused" || first?.isBookable !== true) return batch.map(() => error);
    return attempt([asRefused(first, error)]);
  };
  return attempt(deliveries);
}
