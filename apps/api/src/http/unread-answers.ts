import type { Response } from "express";
import { byteBudget, NoRoom } from "./byte-budget.ts";
import { traceOf } from "./request-trace.ts";
import { senderAddress } from "./sender-address.ts";

const MEGABYTE = 1024 * 1024;

/** A smaller answer takes less memory than its connection. */
const SMALL_BYTES = 16_384;
const READING_MS = 1_000;

/** All answers that clients have not read yet. A client that reads slowly on purpose is displaced by the others. */
const unread = byteBudget({ bytes: 48 * MEGABYTE, smallBytes: 65_536, arrivingMs: READING_MS }, () =>
  performance.now(),
);

/**
 * Takes room for an answer until its client has read it. Returns whether there is room. Later the connection may be
 * closed, so that an answer to another client has room.
 */
export function takesRoom(res: Response, bytes: number): boolean {
  if (bytes <= SMALL_BYTES) return true;
  try {
    const owner = traceOf(res).key ?? `address ${senderAddress(res.req)}`;
    const room = unread.admit(owner, bytes, () => res.destroy());
    res.once("close", room.release);
    return true;
  } catch (error) {
    if (error instanceof NoRoom) return false;
    throw error;
  }
}
