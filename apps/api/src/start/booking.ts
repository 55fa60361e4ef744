import type { Pool } from "@call-ledger/db/client";
import { DbError } from "@call-ledger/db/client";
import type { Booked, DeliveryOutcome, DeliveryToRecord, Transport } from "@call-ledger/db/write";
import { areBooked, bookDeliveries } from "@call-ledger/db/write";
import type { Channel } from "@call-ledger/domain";
import { sha256 } from "@call-ledger/providers";
import { recentKeys } from "../batching/recent-keys.ts";
import { QueueFull, smartBatch, WaitedTooLong } from "../batching/smart-batch.ts";
import type { BookDelivery } from "../ingest/ingest-ports.ts";
import { LedgerFault, LedgerUnavailable } from "../ingest/ingest-ports.ts";

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

const DUPLICATE: DeliveryOutcome = { outcome: "duplicate", reason: null, providerAgentId: null };

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
};

/**
 * Books deliveries in smart batches. What this process has seen booked lately is looked for first, with neither payload
 * nor content: where the database says that it is there, nothing has to be prepared for it.
 */
export function bookingOver({ pool, lookUps, transport, channels, queued }: BookingPorts): BookDelivery {
  const book = smartBatch<DeliveryToRecord, Booked[number]>(
    {
      async write(batch, deadlineMs) {
        const booked = await bookDeliveries(pool, batch, { transport: transport(), deadlineMs, channels });
        if (batch.some(namesRecordings)) queued();
        return booked;
      },
      weigh: (delivery) => delivery.payload.length,
      now: () => performance.now(),
    },
    LIMITS,
  );
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
  const seen = recentKeys(MOST_SEEN);

  return async (delivery) => {
    const keys = keysOf(delivery);
    const isAgain = keys.length > 0 && keys.every(seen.has);
    // Behind a pooler there is no connection of our own that could be read only.
    if (isAgain && transport() === "prepared" && (await look(delivery).catch(() => false))) return DUPLICATE;
    const booked = await book(delivery).catch(neverWritten);
    if (!(booked instanceof DbError)) {
      if (booked.outcome !== "quarantined") keys.forEach(seen.note);
      return booked;
    }
    throw booked.kind === "unavailable" ? new LedgerUnavailable(booked.code) : new LedgerFault(booked.code);
  };
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
