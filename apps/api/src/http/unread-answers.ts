import type { Response } from "express";
import { byteBudget, NoRoom } from "./byte-budget.ts";
import { dropped } from "./collect-soon.ts";
import { traceOf } from "./request-trace.ts";
import { senderAddress } from "./sender-address.ts";

const MEGABYTE = 1024 * 1024;

/** A smaller answer takes less memory than its connection. */
const SMALL_BYTES = 16_384;
const READING_MS = 1_000;
/** The max time in which a client reads an answer, in addition to a second for each 64 KB. */
const GRACE_MS = 10_000;
const MIN_BYTES_PER_MS = 64;

/** All answers that clients have not read yet. A client that reads slowly on purpose is displaced by the others. */
const unread = byteBudget({ bytes: 24 * MEGABYTE, smallBytes: 65_536, arrivingMs: READING_MS }, () =>
  performance.now(),
);

/**
 * Takes room for an answer until its client has read it. Returns whether there is room. The connection is closed if the
 * client reads too slowly, or if the answer to another client needs the room.
 */
export function takesRoom(res: Response, bytes: number): boolean {
  if (bytes <= SMALL_BYTES) return true;
  try {
    const owner = traceOf(res).key ?? `address ${senderAddress(res.req)}`;
    const room = unread.admit(owner, bytes, () => res.destroy());
    const timeout = setTimeout(() => res.destroy(), GRACE_MS + bytes / MIN_BYTES_PER_MS).unref();
    res.once("close", () => {
      clearTimeout(timeout);
      room.release();
      dropped(bytes);
    });
    return true;
  } catch (error) {
    if (error instanceof NoRoom) return false;
    throw error;
  }
}
