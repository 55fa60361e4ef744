import type { Pool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/errors";
import type {
  Booked,
  DeliveryOutcome,
  DeliveryToRecord,
  PayloadReferences,
  PreparedDelivery,
  Transport,
} from "@call-ledger/db/write";
import { areBooked, bookPrepared, payloadReferences, prepareDelivery } from "@call-ledger/db/write";
import type { Channel } from "@call-ledger/domain";
import { LRUCache } from "lru-cache";
import { eventIdsOf } from "./delivery-content.ts";
import { QueueFull } from "./fair-queue.ts";
import { LedgerFault, LedgerUnavailable } from "./ledger-errors.ts";
import type { SmartBatchLimits } from "./smart-batch.ts";
import { smartBatch, WaitedTooLong } from "./smart-batch.ts";

const MEGABYTE = 1024 * 1024;

const WRITES: SmartBatchLimits = {
  /** Two at a time wait for the same locks and processors, so the second is for when the first is held up. */
  maxWrites: 2,
  nextWriteAfterMs: 25,
  maxItems: 100,
  /** Characters of payload, before compression. */
  maxWeight: 4 * MEGABYTE,
  maxWaiting: 2_000,
  maxWaitingWeight: 24 * MEGABYTE,
  /** Leaves time for everything else: a sender is told within five seconds that the ledger is unavailable. */
  deadlineMs: 4_300,
};

/** In deliveries. A look-up has the deadline of a write, because a missed deadline replaces the pool. */
const LOOK_UPS: SmartBatchLimits = {
  maxWrites: 2,
  maxItems: 100,
  maxWeight: 100,
  maxWaiting: 500,
  maxWaitingWeight: 500,
  deadlineMs: WRITES.deadlineMs,
};

/** Event ids of 33 characters. */
const MAX_RECENT = 16_384;

/** Of payloads that were stored lately: those of a few hundred calls. */
const REFERENCE_BYTES = 4 * MEGABYTE;

/** A delivery as texts and bytes: all that is kept of it while it waits for its commit. */
export type PreparedBooking = PreparedDelivery & {
  readonly eventIds: readonly string[];
  readonly namesRecordings: boolean;
};

/** One write of a batch, booked or not. */
export type WriteSeen = { readonly deliveries: number; readonly seconds: number; readonly failed: boolean };

/** What waits in this process for a write, in deliveries and in characters of payload. */
export type WriteQueue = {
  readonly deliveries: number;
  readonly characters: number;
  /** Deliveries that are being written. */
  readonly writing: number;
};

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

export type Booking = {
  /**
   * Whether the database says that a delivery is booked and brings nothing new. It is asked only when this process has
   * booked all of the delivery's events lately; `false` also when the database does not answer.
   */
  isBooked(delivery: DeliveryToRecord): Promise<boolean>;
  /** Needs no database: a delivery that waits is kept as what this makes of it. */
  prepare(delivery: DeliveryToRecord): PreparedBooking;
  /**
   * Books one delivery: resolves after the commit of its own events, whoever else's events travel with them.
   * `spentMs` of the sender's time are gone already.
   * Throws LedgerUnavailable when it may be tried again, LedgerFault when that would change nothing; in both cases
   * the delivery has to come again.
   */
  book(delivery: PreparedBooking, spentMs: number): Promise<DeliveryOutcome>;
  queue(): WriteQueue;
};

/** Books deliveries in smart batches. */
export function bookingOver(ports: BookingPorts): Booking {
  const { pool, channels, transport } = ports;
  const references = payloadReferences(REFERENCE_BYTES);
  const recent = new LRUCache<string, true>({ max: MAX_RECENT });
  const now = () => performance.now();
  const write = smartBatch<PreparedBooking, Booked[number]>(
    { write: writingTo(ports, references), weigh: ({ characters }) => characters, now },
    WRITES,
  );
  const lookUp = smartBatch<DeliveryToRecord, boolean>(
    {
      async write(batch, deadlineMs) {
        const booked = await areBooked(pool, batch, { deadlineMs, channels });
        return batch.map(() => booked);
      },
      weigh: () => 1,
      now,
    },
    LOOK_UPS,
  );
  const isRecent = ({ content }: DeliveryToRecord) =>
    "events" in content && !content.wantsAgent && content.events.every(({ eventId }) => recent.get(eventId));
  return {
    async isBooked(delivery) {
      // Behind a pooler the look-up would take more round trips than the write.
      if (transport() !== "prepared" || !isRecent(delivery)) return false;
      return lookUp(delivery).catch(() => false);
    },
    prepare: (delivery) => ({
      ...prepareDelivery(delivery, { channels, references }),
      eventIds: eventIdsOf(delivery),
      namesRecordings: namesRecordings(delivery),
    }),
    async book(delivery, spentMs) {
      const booked = await write(delivery, spentMs).catch(neverWritten);
      if (booked instanceof DbError) {
        throw booked.kind === "unavailable"
          ? new LedgerUnavailable(booked.code)
          : new LedgerFault(booked.code);
      }
      if (booked.outcome !== "quarantined")
        for (const eventId of delivery.eventIds) recent.set(eventId, true);
      return booked;
    },
    queue() {
      const { items, weight, writing } = write.queue();
      return { deliveries: items, characters: weight, writing };
    },
  };
}

function writingTo({ pool, transport, queued, wrote }: BookingPorts, references: PayloadReferences) {
  return async (batch: readonly PreparedBooking[], deadlineMs: number) => {
    const startedAt = performance.now();
    let failed = true;
    try {
      const booked = await bookPrepared(pool, batch, { transport: transport(), deadlineMs, references });
      failed = booked.every((one) => one instanceof DbError);
      if (batch.some((delivery) => delivery.namesRecordings)) queued();
      return booked;
    } finally {
      wrote({ deliveries: batch.length, seconds: (performance.now() - startedAt) / 1000, failed });
    }
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
