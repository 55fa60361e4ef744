import type { Pool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/client";
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
import { sha256 } from "@call-ledger/providers";
import type { BookDelivery } from "./ingest-ports.ts";
import { LedgerFault, LedgerUnavailable } from "./ingest-ports.ts";
import type { WriteQueue } from "./queue-tally.ts";
import { queueTally } from "./queue-tally.ts";
import { recentKeys } from "./recent-keys.ts";
import { QueueFull, smartBatch, WaitedTooLong } from "./smart-batch.ts";

const MEGABYTE = 1024 * 1024;

const LIMITS = {
  /** Two at a time wait for the same locks and processors, so the second is for when the first is held up. */
  mostWrites: 2,
  patienceMs: 25,
  mostItems: 100,
  /** Characters of payload, before compression. */
  mostWeight: 4 * MEGABYTE,
  mostWaiting: 2_000,
  mostWaitingWeight: 24 * MEGABYTE,
  /** Leaves time for everything else: a sender is told within five seconds that the ledger is unavailable. */
  deadlineMs: 4_300,
};

/** A look is short, or not worth it: the deadline of what is booked after it has to hold too. */
const LOOK_UP_LIMITS = {
  mostWrites: 2,
  mostItems: 100,
  mostWeight: 100,
  mostWaiting: 500,
  mostWaitingWeight: 500,
  deadlineMs: 500,
};
/** Of 33 characters, twice as many at most: 3 MB. */
const MOST_SEEN = 16_384;

/** Of payloads that were stored lately: those of a few hundred calls. */
const REFERENCE_BYTES = 4 * MEGABYTE;

const DUPLICATE: DeliveryOutcome = { outcome: "duplicate", reason: null, providerAgentId: null };

/** One write of a batch, booked or not. */
export type WriteSeen = { readonly deliveries: number; readonly seconds: number; readonly failed: boolean };

export type BookingPorts = {
  readonly pool: Pool;
  /** Read only. */
  readonly lookUps: Pool;
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

/**
 * Books deliveries in smart batches. What this process has seen booked lately is looked for first, with neither payload
 * nor content: where the database says that it is there, nothing has to be prepared for it.
 */
export function bookingOver(ports: BookingPorts): Booking {
  const references = payloadReferences(REFERENCE_BYTES);
  const tally = queueTally();
  const write = writingOver(ports, references);
  const send = smartBatch<Sendable, Booked[number]>(
    {
      write: (batch, deadlineMs) => tally.writing(batch, () => write(batch, deadlineMs)),
      weigh: ({ characters }) => characters,
      now: () => performance.now(),
    },
    LIMITS,
  );
  const isThere = lookingOver(ports);
  const seen = recentKeys(MOST_SEEN);
  const sendable = (delivery: DeliveryToRecord): Sendable => ({
    ...prepareDelivery(delivery, { channels: ports.channels, references }),
    namesRecordings: namesRecordings(delivery),
  });
  // No delivery is in the frame of what waits: until it is answered only its texts are kept.
  const sent = async (delivery: Sendable, keys: readonly string[], spentMs: number) => {
    const booked = await tally.answering(delivery, () => send(delivery, spentMs).catch(neverWritten));
    if (!(booked instanceof DbError)) {
      if (booked.outcome !== "quarantined") keys.forEach(seen.note);
      return booked;
    }
    throw booked.kind === "unavailable" ? new LedgerUnavailable(booked.code) : new LedgerFault(booked.code);
  };
  const bookUnlessThere = async (delivery: DeliveryToRecord, keys: readonly string[], spentMs: number) =>
    (await isThere(delivery)) ? DUPLICATE : sent(sendable(delivery), keys, spentMs);

  return {
    queue: tally.queue,
    book(delivery, spentMs) {
      const keys = keysOf(delivery);
      const mayBeThere = keys.length > 0 && keys.every(seen.has);
      return mayBeThere ? bookUnlessThere(delivery, keys, spentMs) : sent(sendable(delivery), keys, spentMs);
    },
  };
}

type Sendable = PreparedDelivery & { readonly namesRecordings: boolean };

function writingOver({ pool, transport, queued, wrote }: BookingPorts, references: PayloadReferences) {
  return async (batch: readonly Sendable[], deadlineMs: number) => {
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

/** Whether the database says that a delivery is booked already; `false` where it does not say so soon. */
function lookingOver({ lookUps, transport, channels }: BookingPorts) {
  const look = smartBatch<DeliveryToRecord, boolean>(
    {
      async write(batch, deadlineMs) {
        const booked = await areBooked(lookUps, batch, { deadlineMs, channels });
        return batch.map(() => booked);
      },
      weigh: () => 1,
      now: () => performance.now(),
    },
    LOOK_UP_LIMITS,
  );
  // Behind a pooler there is no connection of our own that could be read only.
  return async (delivery: DeliveryToRecord) =>
    transport() === "prepared" && (await look(delivery).catch(() => false));
}

/** What tells a delivery from one that brings something else; none where its answer has to name the agent. */
function keysOf({ content }: DeliveryToRecord): string[] {
  if ("refusal" in content || content.wantsAgent) return [];
  return content.events.map(({ eventId, event }) => {
    const sources = event.kind === "call.reported" ? event.sources : [];
    return sources.length === 0 ? eventId : `${eventId} ${sha256(JSON.stringify(sources))}`;
  });
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
