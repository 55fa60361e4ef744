import type { Pool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/client";
import type { Booked, DeliveryToRecord, Transport } from "@call-ledger/db/write";
import { bookDeliveries, payloadReferences } from "@call-ledger/db/write";
import type { Channel } from "@call-ledger/domain";
import { QueueFull, smartBatch, WaitedTooLong } from "../batching/smart-batch.ts";
import type { BookDelivery } from "../ingest/ingest-ports.ts";
import { LedgerFault, LedgerUnavailable } from "../ingest/ingest-ports.ts";
import type { WriteSeen } from "../metrics/meters.ts";
import type { WriteQueue } from "../metrics/readings.ts";

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

/** Of payloads that were stored lately: those of a few hundred calls. */
const REFERENCE_BYTES = 4 * MEGABYTE;

export type BookingPorts = {
  readonly pool: Pool;
  /** Asked every time, because it is found out after the first delivery. */
  transport(): Transport;
  /** Of which channels recordings are kept. */
  readonly channels: readonly Channel[];
  /** Recordings may have been queued, and committed. */
  queued(): void;
  /** A write is over. */
  wrote(seen: WriteSeen): void;
};

export type Booking = { readonly book: BookDelivery; queue(): WriteQueue };

/** Books deliveries in smart batches. */
export function bookingOver({ pool, transport, channels, queued, wrote }: BookingPorts): Booking {
  const references = payloadReferences(REFERENCE_BYTES);
  const unanswered = { deliveries: 0, characters: 0, writing: 0, charactersWriting: 0 };
  const book = smartBatch<DeliveryToRecord, Booked[number]>(
    {
      async write(batch, deadlineMs) {
        const startedAt = performance.now();
        const characters = batch.reduce((sum, { payload }) => sum + payload.length, 0);
        unanswered.writing += batch.length;
        unanswered.charactersWriting += characters;
        let failed = true;
        try {
          const options = { transport: transport(), deadlineMs, channels, references };
          const booked = await bookDeliveries(pool, batch, options);
          failed = booked.every((one) => one instanceof DbError);
          if (batch.some(namesRecordings)) queued();
          return booked;
        } finally {
          unanswered.writing -= batch.length;
          unanswered.charactersWriting -= characters;
          wrote({ deliveries: batch.length, seconds: (performance.now() - startedAt) / 1000, failed });
        }
      },
      weigh: (delivery) => delivery.payload.length,
      now: () => performance.now(),
    },
    LIMITS,
  );
  return {
    async book(delivery, spentMs) {
      unanswered.deliveries += 1;
      unanswered.characters += delivery.payload.length;
      try {
        const booked = await book(delivery, spentMs).catch(neverWritten);
        if (!(booked instanceof DbError)) return booked;
        throw booked.kind === "unavailable"
          ? new LedgerUnavailable(booked.code)
          : new LedgerFault(booked.code);
      } finally {
        unanswered.deliveries -= 1;
        unanswered.characters -= delivery.payload.length;
      }
    },
    queue: () => ({
      deliveries: Math.max(0, unanswered.deliveries - unanswered.writing),
      characters: Math.max(0, unanswered.characters - unanswered.charactersWriting),
      writing: unanswered.writing,
    }),
  };
}

function namesRecordings({ content }: DeliveryToRecord): boolean {
  return (
    "events" in content &&
    content.events.some(
      ({ event }) =>
        event.kind === "call.reported" && event.report.recordings.length + event.sources.length > 0,
    )
  );
}

function neverWritten(error: unknown): never {
  if (error instanceof QueueFull) throw new LedgerUnavailable("QUEUE_FULL");
  if (error instanceof WaitedTooLong) throw new LedgerUnavailable("WAITED_TOO_LONG");
  throw error;
}
