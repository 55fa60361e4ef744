/** Too many items are waiting. A later attempt can succeed. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}

/** Too many items are waiting, and most of them belong to the same owner. Other owners go first. */
export class OverShare extends Error {
  override readonly name = "OverShare";
}

export type FairQueuePorts<Item> = {
  /** Called for an item that was removed from the queue because the queue is full. */
  refuse(item: Item, error: QueueFull | OverShare): void;
};

export type FairQueueLimits = {
  readonly maxItems: number;
  /** The max weight of all waiting items. A single item may weigh more. */
  readonly maxWeight: number;
};

export type FairQueue<Item> = {
  /**
   * Adds an item after the waiting items of its owner. If too much waits, the owner with the most waiting loses its
   * newest item.
   */
  add(owner: string, item: Item, weight: number): void;
  /**
   * Removes and returns the next items, one of each owner in turn. Returns at least one if any waits, of any weight.
   * Skips owners for whom `isPassed` returns true.
   */
  take(limits: FairQueueLimits, isPassed?: (owner: string) => boolean): Item[];
  /** Removes and returns the items for which `isOver` returns true. */
  remove(isOver: (item: Item) => boolean): Item[];
  size(): { readonly items: number; readonly weight: number };
};

type Weighed<Item> = { readonly item: Item; readonly weight: number };
type Line<Item> = { items: Weighed<Item>[]; weight: number };

/**
 * A queue in which owners take turns and cannot displace each other. An owner is never refused if its waiting items are
 * within the limits divided by the number of owners.
 */
export function fairQueue<Item>({ refuse }: FairQueuePorts<Item>, limits: FairQueueLimits): FairQueue<Item> {
  /** In the order of turns. No line is empty. */
  const lines = new Map<string, Line<Item>>();
  let items = 0;
  let weight = 0;

  const account = (line: Line<Item>, count: number, weighing: number): void => {
    items += count;
    weight += weighing;
    line.weight += weighing;
  };
  const refuseNewest = (measure: (line: Line<Item>) => number): void => {
    const [owner, line] = greatest(lines, measure);
    const newest = line.items.pop();
    if (newest === undefined) return;
    account(line, -1, -newest.weight);
    const error = lines.size === 1 ? new QueueFull() : new OverShare();
    if (line.items.length === 0) lines.delete(owner);
    refuse(newest.item, error);
  };
  return {
    add(owner, item, weighing) {
      const line = lines.get(owner) ?? { items: [], weight: 0 };
      lines.set(owner, line);
      line.items.push({ item, weight: weighing });
      account(line, 1, weighing);
      while (items > limits.maxItems) refuseNewest((one) => one.items.length);
      while (items > 1 && weight > limits.maxWeight) refuseNewest((one) => one.weight);
    },
    take({ maxItems, maxWeight }, isPassed = () => false) {
      const taken: Item[] = [];
      let takenWeight = 0;
      for (const [owner, line] of lines) {
        if (isPassed(owner)) continue;
        const [next] = line.items;
        if (next === undefined || taken.length === maxItems) break;
        if (taken.length > 0 && takenWeight + next.weight > maxWeight) break;
        line.items.shift();
        account(line, -1, -next.weight);
        taken.push(next.item);
        takenWeight += next.weight;
        // The line is set again, so it is the last one, and this iteration reaches it again.
        lines.delete(owner);
        if (line.items.length > 0) lines.set(owner, line);
      }
      return taken;
    },
    remove(isOver) {
      const removed: Item[] = [];
      for (const [owner, line] of lines) {
        const kept: Weighed<Item>[] = [];
        for (const one of line.items) {
          if (!isOver(one.item)) kept.push(one);
          else {
            removed.push(one.item);
            account(line, -1, -one.weight);
          }
        }
        line.items = kept;
        if (line.items.length === 0) lines.delete(owner);
      }
      return removed;
    },
    size: () => ({ items, weight }),
  };
}

/** Returns the owner with the greatest measure; of equal ones the later one. Throws a RangeError if there is none. */
function greatest<Item>(
  lines: ReadonlyMap<string, Line<Item>>,
  measure: (line: Line<Item>) => number,
): [string, Line<Item>] {
  let found: [string, Line<Item>] | undefined;
  for (const one of lines) if (found === undefined || measure(one[1]) >= measure(found[1])) found = one;
  if (found === undefined) throw new RangeError("nothing waits");
  return found;
}
