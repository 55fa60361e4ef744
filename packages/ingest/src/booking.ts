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
import { LedgerFault, LedgerUnavailable, notTaken } from "./ledger-errors.ts";
import type { PreparedBooking } from "./prepare-booking.ts";
import { prepareBooking } from "./prepare-booking.ts";
import type { SmartBatch, SmartBatchLimits } from "./smart-batch.ts";
import { smartBatch } from "./smart-batch.ts";

const MEGABYTE = 1024 * 1024;

/** Leaves time for everything else: a sender is told within five seconds that the ledger is unavailable. */
const DEADLINE_MS = 4_300;

const WRITES: SmartBatchLimits = {
  /** Two at a time wait for the same locks and processors, so the second is for when the first is held up. */
  maxWrites: 2,
  /** An account that sends little does not wait for two full batches of one that sends much. */
  maxWritesOfOthers: 1,
  nextWriteAfterMs: 25,
  maxItems: 100,
  /** Bytes that travel to the database: a hundred usual deliveries. */
  maxWeight: MEGABYTE / 4,
  maxWaiting: 2_000,
  maxWaitingWeight: 16 * MEGABYTE,
  deadlineMs: DEADLINE_MS,
};

/** Deliveries that are so large, in bytes, travel on a lane of their own: nobody else waits for what they cost the database. */
const HEAVY_BYTES = 16_384;

/** One write at a time, so that the database has processors left for the others. */
const HEAVY_WRITES: SmartBatchLimits = {
  maxWrites: 1,
  maxItems: 20,
  maxWeight: 4 * MEGABYTE,
  maxWaiting: 500,
  maxWaitingWeight: 16 * MEGABYTE,
  deadlineMs: DEADLINE_MS,
};

/** In deliveries. */
const LOOK_UPS: SmartBatchLimits = {
  maxWrites: 2,
  maxItems: 100,
  maxWeight: 100,
  maxWaiting: 500,
  maxWaitingWeight: 500,
  deadlineMs: DEADLINE_MS,
};

/** Event ids of 33 characters. */
const MAX_RECENT = 16_384;

/** Of payloads that were stored lately: those of a few hundred calls. */
const REFERENCE_BYTES = 4 * MEGABYTE;

/** One write of a batch. `failure`: the code for which none of it was booked; `null`: something was. */
export type WriteSeen = {
  readonly deliveries: number;
  readonly seconds: number;
  readonly failure: string | null;
};

/** What waits in this process for a write, in deliveries and in the bytes that are held of them. */
export type WriteQueue = {
  readonly deliveries: number;
  readonly bytes: number;
  /** Deliveries that are being written. */
  readonly writing: number;
};

export type BookingPorts = {
  readonly pool: Pool;
  /** Connections of the heavy deliveries alone. */
  readonly heavyPool: Pool;
  /** Asked every time, because it is found out after the first delivery. */
  transport(): Transport;
  /** Whether the database has room for payloads; asked at every write. */
  keepsPayloads(): boolean;
  /** Of which channels recordings are kept, where a call has them. */
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
  isBooked(delivery: DeliveryToBook): Promise<boolean>;
  /** Needs no database: a delivery that waits is kept as what this makes of it. */
  prepare(delivery: DeliveryToBook): PreparedBooking;
  /**
   * Books one delivery: resolves after the commit of its own events, whoever else's events travel with them.
   * `spentMs` of the sender's time are gone already.
   * Throws LedgerUnavailable when it may be tried again, AccountOverShare when others' deliveries come first, LedgerFault
   * when trying again would change nothing; in each case the delivery has to come again.
   */
  book(delivery: PreparedBooking, spentMs: number): Promise<DeliveryOutcome>;
  queue(): WriteQueue;
};

/** Books deliveries in smart batches: heavy ones, and what belongs to their calls meanwhile, beside the others. */
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
      // Behind a pooler the look-up would take more round trips than the write.
      if (transport() !== "prepared" || !isRecent(delivery)) return false;
      return lookUp(delivery).catch(() => false);
    },
    prepare: (delivery) => prepareBooking(delivery, { channels, references }),
    async book(delivery, spentMs) {
      const booked = await write(delivery, spentMs).catch(notTaken);
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
 * Sends a delivery down the heavy lane if it is heavy, or if a heavy one of its call is there: on the other lane it would
 * wait for the lock of that call, and its batch with it.
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
