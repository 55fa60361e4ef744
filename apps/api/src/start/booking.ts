import type { Pool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/client";
import type { Booked, DeliveryToRecord, Transport } from "@call-ledger/db/write";
import { bookDeliveries } from "@call-ledger/db/write";
import { QueueFull, smartBatch, WaitedTooLong } from "../batching/smart-batch.ts";
import type { BookDelivery } from "../ingest/ingest-ports.ts";
import { LedgerFault, LedgerUnavailable } from "../ingest/ingest-ports.ts";

const MEGABYTE = 1024 * 1024;

const LIMITS = {
  /** One is being committed while the next one is computed; more only wait for the same locks and disk. */
  mostWrites: 2,
  mostItems: 100,
  /** Characters of payload, before compression. */
  mostWeight: 4 * MEGABYTE,
  mostWaiting: 2_000,
  mostWaitingWeight: 24 * MEGABYTE,
  /** Leaves time for everything else: a sender is told within five seconds that the ledger is unavailable. */
  deadlineMs: 4_300,
};

/** Books deliveries in smart batches; `transport` is asked every time, because it is found out after the first delivery. */
export function bookingOver(pool: Pool, transport: () => Transport): BookDelivery {
  const book = smartBatch<DeliveryToRecord, Booked[number]>(
    {
      write: (batch, deadlineMs) => bookDeliveries(pool, batch, { transport: transport(), deadlineMs }),
      weigh: (delivery) => delivery.payload.length,
      now: () => performance.now(),
    },
    LIMITS,
  );
  return async (delivery) => {
    const booked = await book(delivery).catch(neverWritten);
    if (!(booked instanceof DbError)) return booked;
    throw booked.kind === "unavailable" ? new LedgerUnavailable(booked.code) : new LedgerFault(booked.code);
  };
}

function neverWritten(error: unknown): never {
  if (error instanceof QueueFull) throw new LedgerUnavailable("QUEUE_FULL");
  if (error instanceof WaitedTooLong) throw new LedgerUnavailable("WAITED_TOO_LONG");
  throw error;
}
