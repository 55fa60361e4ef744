/** Too much is waiting already: try again later. */
export class QueueFull extends Error {
  override readonly name = "QueueFull";
}

/** Too much is waiting, and most of it is the same owner's: others come first. */
export class OverShare extends Error {
  override readonly name = "OverShare";
}

export type FairQueuePorts<Item> = {
  /** An item that does not wait any longer. */
  refuse(item: Item, error: QueueFull | OverShare): void;
};

export type FairQueueLimits = {
  readonly maxItems: number;
  /** Of all that waits; a single item may weigh more. */
  readonly maxWeight: number;
};

export type FairQueue<Item> = {
  /** Adds an item behind what its owner has waiting. When too much waits, whoever has most waiting loses its newest item. */
  add(owner: string, item: Item, weight: number): void;
  /**
   * Takes the next items, of each owner in turn; at least one, if any waits, whatever it weighs. Passes over the owners
   * for whom `isPassed` holds.
   */
  take(limits: FairQueueLimits, isPassed?: (owner: string) => boolean): Item[];
  /** Removes the items for which `isOver` holds, and returns them. */
  remove(isOver: (item: Item) => boolean): Item[];
  size(): { readonly items: number; readonly weight: number };
};

type Weighed<Item> = { readonly item: Item; readonly weight: number };
type Line<Item> = { items: Weighed<Item>[]; weight: number };

/**
 * A queue in which owners take turns, and in which none can fill the others' places: who has no more waiting than the
 * limits divided by the number of owners is never refused.
 */
export function fairQueue<Item>({ refuse }: FairQueuePorts<Item>, limits: FairQueueLimits): FairQueue<Item> {
  /** In the order of their turns. None is empty. */
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
        // Set anew it stands at the end, and this iteration comes to it again.
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

/** The owner with the greatest measure, the later one of equals. Throws a RangeError if there is none. */
function greatest<Item>(
  lines: ReadonlyMap<string, Line<Item>>,
  measure: (line: Line<Item>) => number,
): [string, Line<Item>] {
  let found: [string, Line<Item>] | undefined;
  for (const one of lines) if (found === undefined || measure(one[1]) >= measure(found[1])) found = one;
  if (found === undefined) throw new RangeError("nothing waits");
  return found;
}
