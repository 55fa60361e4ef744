import type { Pool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/errors";
import type {
  Booked,
  DeliveryOutcome,
  DeliveryToBook,
  PayloadReferences,
  Transport,
} from "@call-ledger/db/write";
import { areBooked, bookPrepared, payloadReferences } from "@call-ledger/db/write";
import type { Channel } from "@call-ledger/domain";
import { LRUCache } from "lru-cache";
import { LedgerFault, LedgerUnavailable, refusedByQueue } from "./ledger-errors.ts";
import type { PreparedBooking } from "./prepare-booking.ts";
import { prepareBooking } from "./prepare-booking.ts";
import type { SmartBatch, SmartBatchLimits } from "./smart-batch.ts";
import { smartBatch } from "./smart-batch.ts";

const MEGABYTE = 1024 * 1024;

/** Leaves time for the other steps: within five seconds, a sender gets the answer that the ledger is unavailable. */
const DEADLINE_MS = 4_300;

const WRITES: SmartBatchLimits = {
  /** Two writes at a time wait for the same locks and processors. So the second begins only if the first takes long. */
  maxWrites: 2,
  /** An account that sends little does not wait for two full batches of an account that sends much. */
  maxWritesOfOthers: 1,
  nextWriteAfterMs: 25,
  maxItems: 100,
  /** Bytes in one write: about a hundred usual deliveries. */
  maxWeight: MEGABYTE / 4,
  maxWaiting: 2_000,
  maxWaitingWeight: 16 * MEGABYTE,
  deadlineMs: DEADLINE_MS,
};

/**
 * Deliveries of this size in bytes or more have their own lane, so that no other delivery waits while the database
 * processes them. Usual reports are smaller: each write has a fixed cost, so they share it with other deliveries.
 */
const HEAVY_BYTES = 65_536;

/** One write at a time, so that the database has processors left for the other lane. */
const HEAVY_WRITES: SmartBatchLimits = {
  maxWrites: 1,
  maxItems: 20,
  maxWeight: 4 * MEGABYTE,
  maxWaiting: 500,
  maxWaitingWeight: 16 * MEGABYTE,
  deadlineMs: DEADLINE_MS,
};

/** Limits in deliveries. */
const LOOK_UPS: SmartBatchLimits = {
  maxWrites: 2,
  maxItems: 100,
  maxWeight: 100,
  maxWaiting: 500,
  maxWaitingWeight: 500,
  deadlineMs: DEADLINE_MS,
};

/** The max number of recent event ids, of 33 characters each. */
const MAX_RECENT = 16_384;

/** The max size of remembered payloads: those of a few hundred calls. */
const REFERENCE_BYTES = 4 * MEGABYTE;

/** One write of a batch. `failure` is the error code if nothing of it was booked; `null` if something was. */
export type WriteSeen = {
  readonly deliveries: number;
  readonly seconds: number;
  readonly failure: string | null;
};

/** The deliveries that wait for a write in this process: their number and the bytes that they occupy. */
export type WriteQueue = {
  readonly deliveries: number;
  readonly bytes: number;
  /** The number of deliveries that are being written. */
  readonly writing: number;
};

export type BookingPorts = {
  readonly pool: Pool;
  /** The pool for heavy deliveries only. */
  readonly heavyPool: Pool;
  /**
   * Returns the transport. It is called for each write, because the transport is known only after the first delivery.
   */
  transport(): Transport;
  /** Returns whether the database has room for payloads. It is called for each write. */
  keepsPayloads(): boolean;
  /** The channels whose recordings are kept if a call has them. */
  readonly channels: readonly Channel[];
  /** Called when recordings may have been queued, after the commit. */
  queued(): void;
  /** Called after each write. */
  wrote(seen: WriteSeen): void;
};

export type Booking = {
  /**
   * Returns whether the database has booked a delivery already and lacks nothing of it. The database is asked only if
   * this process has booked all events of the delivery recently. `false` also if the database does not answer.
   */
  isBooked(delivery: DeliveryToBook): Promise<boolean>;
  /** Prepares a delivery for its write, without the database. A waiting delivery is kept in this form. */
  prepare(delivery: DeliveryToBook): PreparedBooking;
  /**
   * Books one delivery. Resolves after the commit of its own events, even if other deliveries are in the same batch.
   * `spentMs` is the used part of the sender's time. Throws LedgerUnavailable if a retry can succeed, AccountOverShare
   * if deliveries of other accounts go first, and LedgerFault if a retry would fail again. In each case the provider
   * has to send the delivery again.
   */
  book(delivery: PreparedBooking, spentMs: number): Promise<DeliveryOutcome>;
  queue(): WriteQueue;
};

/**
 * Books deliveries in smart batches. Heavy deliveries, and deliveries of the same calls meanwhile, have their own lane.
 */
export function bookingOver(ports: BookingPorts): Booking {
  const { pool, heavyPool, channels, transport } = ports;
  const references = payloadReferences(REFERENCE_BYTES);
  const recent = new LRUCache<string, true>({ max: MAX_RECENT });
  const now = () => performance.now();
  const laneTo = (to: Pool, limits: SmartBatchLimits) =>
    smartBatch<PreparedBooking, Booked[number]>(
      {
        write: writingTo(ports, to, references),
        weigh: ({ bytes }) => bytes,
        ownerOf: ({ origin }) => origin.accountId,
        now,
      },
      limits,
    );
  const light = laneTo(pool, WRITES);
  const heavy = laneTo(heavyPool, HEAVY_WRITES);
  const write = inTwoLanes(light, heavy);
  const lookUp = smartBatch<DeliveryToBook, boolean>(
    {
      async write(batch, deadlineMs) {
        const booked = await areBooked(pool, batch, { deadlineMs, channels });
        return batch.map(() => booked);
      },
      weigh: () => 1,
      ownerOf: ({ accountId }) => accountId,
      now,
    },
    LOOK_UPS,
  );
  const isRecent = ({ content }: DeliveryToBook) =>
    "events" in content && !content.wantsAgent && content.events.every(({ eventId }) => recent.get(eventId));
  return {
    async isBooked(delivery) {
      // With a pooler, the look-up would take more round trips than the write.
      if (transport() !== "prepared" || !isRecent(delivery)) return false;
      return lookUp(delivery).catch(() => false);
    },
    prepare: (delivery) => prepareBooking(delivery, { channels, references }),
    async book(delivery, spentMs) {
      const booked = await write(delivery, spentMs).catch(refusedByQueue);
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
      const [one, other] = [light.queue(), heavy.queue()];
      return {
        deliveries: one.items + other.items,
        bytes: one.weight + other.weight,
        writing: one.writing + other.writing,
      };
    },
  };
}

type Lane = SmartBatch<PreparedBooking, Booked[number]>;

/**
 * Puts a delivery into the heavy lane if it is heavy, or if a heavy delivery of the same call is in that lane. In the
 * light lane, it and its batch would wait for the lock of that call.
 */
function inTwoLanes(light: Lane, heavy: Lane): (...args: Parameters<Lane>) => ReturnType<Lane> {
  const heavyCalls = new Map<string, number>();
  return async (delivery, spentMs) => {
    const call = delivery.call ?? "";
    const others = heavyCalls.get(call) ?? 0;
    if (delivery.bytes < HEAVY_BYTES && others === 0) return light(delivery, spentMs);
    if (delivery.call === null) return heavy(delivery, spentMs);
    heavyCalls.set(call, others + 1);
    try {
      return await heavy(delivery, spentMs);
    } finally {
      const left = (heavyCalls.get(call) ?? 1) - 1;
      if (left > 0) heavyCalls.set(call, left);
      else heavyCalls.delete(call);
    }
  };
}

function writingTo(ports: BookingPorts, pool: Pool, references: PayloadReferences) {
  const { transport, keepsPayloads, queued, wrote } = ports;
  return async (batch: readonly PreparedBooking[], deadlineMs: number) => {
    const startedAt = performance.now();
    let failure: string | null = "unknown";
    try {
      const booked = await bookPrepared(pool, batch, {
        transport: transport(),
        deadlineMs,
        references,
        keepsPayloads: keepsPayloads(),
      });
      const [first] = booked;
      failure = first instanceof DbError && booked.every((one) => one instanceof DbError) ? first.code : null;
      if (batch.some((delivery) => delivery.namesRecordings)) queued();
      return booked;
    } finally {
      wrote({ deliveries: batch.length, seconds: (performance.now() - startedAt) / 1000, failure });
    }
  };
}
