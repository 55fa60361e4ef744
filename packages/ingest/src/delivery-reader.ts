import type { Channel } from "@call-ledger/domain";
import type { LoopTurns } from "./loop-turns.ts";
import { loopTurns } from "./loop-turns.ts";
import { readingAside } from "./read-aside.ts";

/** The event loop stops for reading no longer than this and the longest single body that is not read aside. */
const MAX_TURN_MS = 20;

/** Where bodies are read, so that no other request waits for them. */
export type DeliveryReader = {
  readonly inTurn: LoopTurns;
  readonly readAside: ReturnType<typeof readingAside>;
};

/** The reader of a process; recordings of other channels than `channels` are not queued. */
export function deliveryReader(channels: readonly Channel[]): DeliveryReader {
  return {
    inTurn: loopTurns({ now: () => performance.now(), nextTurn: setImmediate }, MAX_TURN_MS),
    readAside: readingAside(channels),
  };
}
