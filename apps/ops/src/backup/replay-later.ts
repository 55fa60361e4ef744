import { accessSync, constants, statSync } from "node:fs";
import { DbError } from "@call-ledger/db/errors";
import { operation } from "@call-ledger/db/migrate";
import type { DeliveryToBook } from "@call-ledger/db/write";
import { bookDeliveries, unpackPayload } from "@call-ledger/db/write";
import { operatorPool } from "@call-ledger/db-operator/admin";
import type { BookedEvent, LaterDelivery, LaterRow } from "@call-ledger/db-operator/backup";
import { putBack, unbookedAmong } from "@call-ledger/db-operator/backup";
import type { Channel } from "@call-ledger/domain";
import { readAgain } from "@call-ledger/ingest";
import type { Surroundings } from "../cli/command.ts";
import { failure } from "../cli/command.ts";
import { readLater } from "./later-deliveries.file.ts";

export type ReplayOptions = {
  readonly ownerUrl: string;
  /** The channels whose recordings are queued. */
  readonly channels: readonly Channel[];
  /** Returns the command that replays a file again. */
  readonly replayCommand: (file: string) => string;
} & Pick<Surroundings, "progress" | "standsAt">;

/** The result of replaying the deliveries that were received after a backup. */
export type ReplayedLater = {
  /** Deliveries that went through the write path, including those of some minutes before the backup. */
  readonly tried: number;
  /** Deliveries among them that were missing. */
  readonly replayed: number;
  /** Rows of the quarantine and of the recordings' queue that were inserted again unchanged. */
  readonly putBack: number;
  /**
   * Events that were booked before and are missing now: nothing was stored to read them from, or the call's
   * organization is unknown.
   */
  readonly lost: readonly BookedEvent[];
};

const AT_ONCE = 50;
const DEADLINE_MS = 60_000;

/**
 * Books the deliveries that a restore saved, like new ones. A delivery that is already booked changes nothing. Throws
 * OpsError, and DbError if not all of them could be tried.
 */
export async function replayFile(file: string, options: ReplayOptions): Promise<ReplayedLater> {
  accessSync(file, constants.R_OK);
  if (!statSync(file).isFile()) throw failure(`${file} is no file. Name the file that restore printed.`);
  for await (const _ of readLater(file)) break; // Another file is refused by its first line.
  const message = `The deliveries since the backup are in ${file} and not yet booked. Next: ${options.replayCommand(file)}`;
  options.standsAt({ changed: true, message });
  return operation(options.ownerUrl, "restore", () => replay(file, options));
}

async function replay(file: string, { ownerUrl, channels, progress }: ReplayOptions): Promise<ReplayedLater> {
  await using pool = operatorPool(ownerUrl);
  const events: BookedEvent[] = [];
  const rows: LaterRow[] = [];
  let [tried, replayed] = [0, 0];
  const book = async (batch: readonly DeliveryToBook[]) => {
    const options = { transport: "literal", deadlineMs: DEADLINE_MS, channels } as const;
    for (const booked of await bookDeliveries(pool, batch, options)) {
      if (booked instanceof DbError) throw booked;
      tried += 1;
      if (booked.outcome !== "duplicate") replayed += 1;
    }
  };
  const batch: DeliveryToBook[] = [];
  for await (const line of readLater(file)) {
    if ("row" in line) {
      rows.push(line.row);
      continue;
    }
    events.push(line.delivery.event);
    const delivery = asReceived(line.delivery);
    if (delivery !== null) batch.push(delivery);
    if (batch.length === AT_ONCE) await book(batch.splice(0));
  }
  if (batch.length > 0) await book(batch);
  await putBack(ownerUrl, rows);
  progress(`${replayed} deliveries replayed`);
  return { tried, replayed, putBack: rows.length, lost: await unbookedAmong(ownerUrl, events) };
}

/** Returns `null` if nothing was stored to read the delivery from. */
function asReceived(later: LaterDelivery): DeliveryToBook | null {
  if (later.payload === null) return null;
  const payload = unpackPayload(later.payload);
  const readings = later.accountIds.flatMap((accountId) => {
    const read = readAgain({ ...later, accountId }, payload);
    return read.reads === "delivery" ? [read.delivery] : [];
  });
  // The id of the booked event shows which of several accounts received the delivery.
  const reading = readings.find((one) => bookedAs(one, later.event)) ?? readings[0];
  return reading === undefined ? null : { ...reading, providerDeliveryId: later.providerDeliveryId };
}

function bookedAs({ content }: DeliveryToBook, { eventId }: BookedEvent): boolean {
  return "events" in content && content.events.some((event) => event.eventId === eventId);
}
