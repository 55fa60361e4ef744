/**
 * When requests of an open loop are due: one every `1000 / ratePerSecond` ms, whether or not earlier ones were answered.
 * A latency counts from that moment and not from the sending, so that a server that stalls is charged for every
 * request that it kept from being sent (otherwise "coordinated omission").
 */
export type OpenLoopSchedule = {
  /** How many requests are due at a time (ms since the start) and were not handed out before. */
  takeDue(atMs: number): number;
  /** When the request of a place, from 0, was due: ms since the start. */
  dueAt(place: number): number;
  /** Whether all have been handed out. */
  isOver(): boolean;
};

/** Throws a RangeError unless rate and duration are positive. */
export function openLoopSchedule(ratePerSecond: number, seconds: number): OpenLoopSchedule {
  if (!(ratePerSecond > 0 && seconds > 0)) throw new RangeError("an open loop needs a rate and a duration");
  const total = Math.floor(ratePerSecond * seconds);
  const dueAt = (place: number) => (place * 1000) / ratePerSecond;
  let handedOut = 0;
  return {
    takeDue(atMs) {
      const due = Math.min(total, Math.floor((atMs * ratePerSecond) / 1000) + 1);
      const taken = Math.max(0, due - handedOut);
      handedOut += taken;
      return taken;
    },
    dueAt,
    isOver: () => handedOut === total,
  };
}
