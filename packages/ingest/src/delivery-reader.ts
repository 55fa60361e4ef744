import type { Channel } from "@call-ledger/domain";
import type { LoopTurns } from "./loop-turns.ts";
import { loopTurns } from "./loop-turns.ts";
import { readingAside } from "./read-aside.ts";

/** Reading blocks the event loop for at most this time plus the longest body that is not read in a thread. */
const MAX_TURN_MS = 20;

/** Reads bodies so that no other request waits for long. */
export type DeliveryReader = {
  readonly inTurn: LoopTurns;
  readonly readAside: ReturnType<typeof readingAside>;
};

/**
 * Creates the reader of a process. Only recordings of `channels` are queued. `largestBodyMb` is the max size of a body
 * in MB.
 */
export function deliveryReader(channels: readonly Channel[], largestBodyMb: number): DeliveryReader {
  return {
    inTurn: loopTurns({ now: () => performance.now(), nextTurn: setImmediate }, MAX_TURN_MS),
    readAside: readingAside(channels, largestBodyMb),
  };
}
