import { fairQueue } from "./fair-queue.ts";

/** The item's time was over before it could be written; nothing of it was stored. */
export class WaitedTooLong extends Error {
  override readonly name = "WaitedTooLong";
}

export type SmartBatchPorts<Item, Result> = {
  /** Writes a batch within `deadlineMs`; the results stand in the order of the items. */
  write(batch: readonly Item[], deadlineMs: number): Promise<readonly Result[]>;
  /** The weight of an item, in any unit. */
  weigh(item: Item): number;
  /** Who takes turns with others; without it all items have one owner. */
  ownerOf?(item: Item): string;
  /** Milliseconds on a clock that does not jump. */
  now(): number;
};

export type SmartBatchLimits = {
  readonly maxWrites: number;
  /** Beside them, writes for owners of whom nothing is being written; default 0. */
  readonly maxWritesOfOthers?: number;
  /** A second write begins this many milliseconds after the first began; default 0. */
  readonly nextWriteAfterMs?: number;
  readonly maxItems: number;
  /** Of one batch, in the unit of `weigh`; a single heavier item still travels, alone. */
  readonly maxWeight: number;
  readonly maxWaiting: number;
  /** Of all that waits, in the unit of `weigh`; an empty queue takes an item of any weight. */
  readonly maxWaitingWeight: number;
  /** Of one item, from its arrival to its answer, less what it had spent when it arrived. */
  readonly deadlineMs: number;
};

type Waiting<Item, Result> = {
  readonly item: Item;
  readonly owner: string;
  readonly until: number;
  resolve(result: Result): void;
  reject(error: unknown): void;
};

/** Below this there is no time for a round trip. */
const MIN_MS = 50;

/** What waits is looked through so often for what has no time left. */
const SWEEP_MS = 250;

/** Gives items to be written; `spentMs` of an item's time may be gone when it arrives. Throws QueueFull, OverShare or WaitedTooLong. */
export type SmartBatch<Item, Result> = {
  (item: Item, spentMs?: number): Promise<Result>;
  /** The number and the weight of the items that wait, and the number of those that are being written. */
  queue(): { readonly items: number; readonly weight: number; readonly writing: number };
};

/**
 * Smart batching: what arrives while a write is under way travels together in the next one. An idle ledger writes at
 * once, and the busier it is the larger the batches get. A further write begins beside one that takes its time, so that
 * nobody waits for a slow neighbour, and another for owners who would wait for what others write. Owners take turns in a batch, and when too much waits, whoever has most waiting is
 * refused first. Each item is answered after its own batch, with its own result; a batch that fails
 * fails its own items only.
 * The returned function throws QueueFull, OverShare or WaitedTooLong, or what `write` throws.
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
  /** Of whom something is being written, and how many items. */
  const written = new Map<string, number>();
  let writes = 0;
  let writing = 0;
  let begunAt = 0;
  let asksAgain = false;
  let sweeps = false;

  const writeBatch = async (batch: Waiting<Item, Result>[]): Promise<void> => {
    writes += 1;
    writing += batch.length;
    for (const { owner } of batch) written.set(owner, (written.get(owner) ?? 0) + 1);
    await settle(batch, write, now);
    for (const { owner } of batch) {
      const left = (written.get(owner) ?? 1) - 1;
      if (left > 0) written.set(owner, left);
      else written.delete(owner);
    }
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
    const batch = waiting.take(limits, (owner) => written.has(owner));
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

/** Never rejects: the outcome is each item's own. */
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
      if (result === undefined) one.reject(new RangeError("a write answered fewer items than it was given"));
      else one.resolve(result);
    }
  } catch (error) {
    for (const one of batch) one.reject(error);
  }
}
