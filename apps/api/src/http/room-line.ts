import { NoRoom } from "./byte-budget.ts";

/** The max time that a body waits for room, before any of it is read. */
const MAX_WAIT_MS = 3_000;
/** A waiting body has sent up to 128 KB, which the connection keeps. */
const MAX_WAITING = 32;
const MAX_WAITING_OF_OWNER = 8;

export type RoomLine = {
  /** Returns what `take` returns, as soon as it does not throw NoRoom. Throws NoRoom after three seconds. */
  whenRoom<T>(owner: string, take: () => T): Promise<T>;
  /** Says that there is more room. */
  freed(): void;
};

/** The bodies that wait for room, in the order in which they came. A body that fits does not wait for a larger one. */
export function roomLine(): RoomLine {
  const waiting = new Set<{ readonly owner: string; tryAgain(): void }>();
  const mayWait = (owner: string): boolean => {
    const own = [...waiting].filter((one) => one.owner === owner);
    return waiting.size < MAX_WAITING && own.length < MAX_WAITING_OF_OWNER;
  };
  const wait = <T>(owner: string, take: () => T): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const settle = (): void => {
      clearTimeout(timeout);
      waiting.delete(one);
    };
    const one = {
      owner,
      tryAgain() {
        try {
          resolve(take());
          settle();
        } catch (error) {
          if (error instanceof NoRoom) return;
          reject(error);
          settle();
        }
      },
    };
    const timeout = setTimeout(() => {
      // By now it may displace bodies that arrive slowly.
      one.tryAgain();
      settle();
      reject(new NoRoom());
    }, MAX_WAIT_MS);
    waiting.add(one);
    return promise;
  };
  return {
    async whenRoom(owner, take) {
      try {
        return take();
      } catch (error) {
        if (error instanceof NoRoom && mayWait(owner)) return wait(owner, take);
        throw error;
      }
    },
    freed() {
      for (const { tryAgain } of waiting) tryAgain();
    },
  };
}
