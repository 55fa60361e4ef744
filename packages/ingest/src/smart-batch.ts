import { fairQueue } from "./fair-queue.ts";

/** The item's time was over before it could be written. Nothing of it was stored. */
export class WaitedTooLong extends Error {
  override readonly name = "WaitedTooLong";
}

export type SmartBatchPorts<Item, Result> = {
  /** Writes a batch within `deadlineMs`. The results are in the order of the items. */
  write(batch: readonly Item[], deadlineMs: number): Promise<readonly Result[]>;
  /** Returns the weight of an item, in any unit. */
  weigh(item: Item): number;
  /** Returns the owner of an item. Owners take turns. Without this function all items have one owner. */
  ownerOf?(item: Item): string;
  /** Returns milliseconds on a monotonic clock. */
  now(): number;
};

export type SmartBatchLimits = {
  readonly maxWrites: number;
  /** The number of additional writes for owners who have no item in a running write. Default: 0. */
  readonly maxWritesOfOthers?: number;
  /** A second write begins this many milliseconds after the first began. Default: 0. */
  readonly nextWriteAfterMs?: number;
  readonly maxItems: number;
  /** The max weight of one batch, in the unit of `weigh`. A heavier item is written alone. */
  readonly maxWeight: number;
  readonly maxWaiting: number;
  /** The max weight of all waiting items, in the unit of `weigh`. An empty queue accepts an item of any weight. */
  readonly maxWaitingWeight: number;
  /** The time of one item from its arrival to its answer, minus the time that it had used before. */
  readonly deadlineMs: number;
};

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly owner: string;
  readonly until: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
};

/** With less time than this, no round trip is possible. */
const MIN_MS = 50;

/** The interval in which waiting items are checked for the end of their time. */
const SWEEP_MS = 250;

/**
 * Adds items to be written. `spentMs` is the part of an item's time that it used before its arrival. Throws QueueFull,
 * OverShare or WaitedTooLong.
 */
export type SmartBatch<Item, Result> = {
  (item: Item, spentMs?: number): Promise<Result>;
  /** Returns the number and the weight of the waiting items, and the number of items that are being written. */
  queue(): { readonly items: number; readonly weight: number; readonly writing: number };
};

/**
 * Smart batching: items that arrive during a write are together in the next one. An idle ledger writes an item
 * immediately, and batches grow with the load. A further write begins beside a slow one, so that its neighbours do not
 * wait, and another one for owners who would otherwise wait for the writes of others. Owners take turns in a batch. If
 * too much waits, the owner with the most waiting is refused first. Each item gets its own result after its own batch,
 * and a failed batch fails only its own items. The returned function throws QueueFull, OverShare, WaitedTooLong or the
 * error of `write`.
 */
export function smartBatch<Item, Result>(
  { write, weigh, ownerOf = () => "", now }: SmartBatchPorts<Item, Result>,
  limits: SmartBatchLimits,
): SmartBatch<Item, Result> {
  const { maxWrites, maxWritesOfOthers = 0, nextWriteAfterMs = 0 } = limits;
  const waiting = fairQueue<Waiting<Item, Result>>(
    { refuse: ({ reject }, error) => reject(error) },
    { maxItems: limits.maxWaiting, maxWeight: limits.maxWaitingWeight },
  );
  const written = itemsByOwner();
  let writes = 0;
  let writing = 0;
  let begunAt = 0;
  let asksAgain = false;
  let sweeps = false;

  const writeBatch = async (batch: Waiting<Item, Result>[]): Promise<void> => {
    writes += 1;
    writing += batch.length;
    for (const { owner } of batch) written.add(owner);
    await settle(batch, write, now);
    for (const { owner } of batch) written.remove(owner);
    writing -= batch.length;
    writes -= 1;
    writeWhatWaits();
  };
  const writeNext = (): void => {
    begunAt = now();
    refuseOverdue();
    void writeBatch(waiting.take(limits));
  };
  const writeOfOthers = (): void => {
    const batch = waiting.take(limits, written.has);
    if (batch.length > 0) void writeBatch(batch);
  };
  const refuseOverdue = (): void => {
    const at = now();
    for (const { reject } of waiting.remove(({ until }) => until - at < MIN_MS)) reject(new WaitedTooLong());
  };
  const sweep = (): void => {
    if (sweeps || waiting.size().items === 0) return;
    sweeps = true;
    setTimeout(() => {
      sweeps = false;
      refuseOverdue();
      sweep();
    }, SWEEP_MS);
  };
  const writeWhatWaits = (): void => {
    if (waiting.size().items === 0 || writes >= maxWrites + maxWritesOfOthers) return;
    const early = writes === 0 ? 0 : begunAt + nextWriteAfterMs - now();
    if (writes >= maxWrites) writeOfOthers();
    else if (early <= 0) writeNext();
    else if (!asksAgain) {
      asksAgain = true;
      setTimeout(() => {
        asksAgain = false;
        writeWhatWaits();
      }, early);
    }
  };

  const add = (item: Item, spentMs = 0) =>
    new Promise<Result>((resolve, reject) => {
      const owner = ownerOf(item);
      const until = now() + limits.deadlineMs - spentMs;
      waiting.add(owner, { item, owner, until, resolve, reject }, weigh(item));
      writeWhatWaits();
      sweep();
    });
  return Object.assign(add, { queue: () => ({ ...waiting.size(), writing }) });
}

/** Counts the items that are being written, by owner. */
function itemsByOwner() {
  const counts = new Map<string, number>();
  return {
    add: (owner: string): void => void counts.set(owner, (counts.get(owner) ?? 0) + 1),
    remove(owner: string): void {
      const left = (counts.get(owner) ?? 1) - 1;
      if (left > 0) counts.set(owner, left);
      else counts.delete(owner);
    },
    has: (owner: string): boolean => counts.has(owner),
  };
}

/** Never rejects, because each item gets its own result. */
async function settle<Item, Result>(
  batch: Waiting<Item, Result>[],
  write: SmartBatchPorts<Item, Result>["write"],
  now: () => number,
): Promise<void> {
  if (batch.length === 0) return;
  try {
    const earliest = Math.min(...batch.map((one) => one.until));
    const results = await write(
      batch.map((one) => one.item),
      earliest - now(),
    );
    for (const [index, one] of batch.entries()) {
      const result = results[index];
      if (result === undefined)
        one.reject(new RangeError("a write returned fewer results than it had items"));
      else one.resolve(result);
    }
  } catch (error) {
    for (const one of batch) one.reject(error);
  }
}
