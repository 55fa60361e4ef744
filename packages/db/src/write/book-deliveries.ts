import type { DbError } from "../client/pg-error.ts";
import { SQLSTATE, worthRepeating } from "../client/pg-error.ts";
import type { Pool } from "../client/pool.ts";
import type { DeliveryToBook } from "./delivery-to-book.ts";
import { writeHalving } from "./halve-batch.ts";
import type { PreparedDelivery } from "./prepared-delivery.ts";
import { asRefused, prepareDelivery } from "./prepared-delivery.ts";
import type { DeliveryOutcome, RecordingOptions, WriteOptions } from "./record-deliveries.ts";
import { recordPrepared } from "./record-deliveries.ts";

/** By delivery: its outcome, or the error after which it has to be booked again. */
export type Booked = (DeliveryOutcome | DbError)[];

/** Does the same as `bookPrepared` for deliveries that are not prepared yet. */
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
 * is alone; that delivery goes to quarantine as `refused`. If another transaction holds a call's lock for long, the
 * batch is booked one by one, so that only that call's deliveries have to be sent again. Deadlocks and serialization
 * failures are repeated. Returns, in the order of the deliveries, the outcome of each, or the DbError after which it
 * has to be sent again. Never throws a DbError. The deadline includes waiting, repetition and halving.
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
