import fc from "fast-check";
import { expect, it } from "vitest";
import type { FairQueueLimits } from "./fair-queue.ts";
import { fairQueue, OverShare, QueueFull } from "./fair-queue.ts";

type Item = { readonly owner: string; readonly number: number; readonly weight: number };

const OWNER = fc.constantFrom("a", "a", "a", "b", "c");
const LIMITS = { maxItems: 12, maxWeight: 60 };

type Step =
  | { readonly does: "add"; readonly owner: string; readonly weight: number }
  | ({ readonly does: "take"; readonly passed: string | null } & FairQueueLimits)
  | { readonly does: "remove"; readonly owner: string };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ does: fc.constant("add"), owner: OWNER, weight: fc.nat(20) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant("take"),
      maxItems: fc.integer({ min: 1, max: 6 }),
      maxWeight: fc.nat(30),
      passed: fc.option(OWNER),
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("remove"), owner: OWNER }) },
);

/** The tested queue together with a list of its expected content, in the order of arrival. */
function queueUnderTest() {
  const refused: { item: Item; error: Error }[] = [];
  const queue = fairQueue<Item>({ refuse: (item, error) => refused.push({ item, error }) }, LIMITS);
  let waiting: Item[] = [];
  let number = 0;
  const of = (owner: string) => waiting.filter((item) => item.owner === owner);
  const without = (gone: readonly Item[]) => {
    waiting = waiting.filter((item) => !gone.includes(item));
  };
  const add = (owner: string, weight: number) => {
    number += 1;
    const item = { owner, number, weight };
    waiting.push(item);
    refused.length = 0;
    queue.add(owner, item, weight);
    const before = waiting;
    without(refused.map((one) => one.item));
    return { before, refused: [...refused] };
  };
  const take = (limits: FairQueueLimits, passed: string | null = null) => {
    const before = waiting.filter(({ owner }) => owner !== passed);
    const taken = queue.take(limits, (owner) => owner === passed);
    without(taken);
    return { before, taken };
  };
  const remove = (owner: string) => {
    const removed = queue.remove((item) => item.owner === owner);
    expect(removed).toEqual(of(owner));
    without(removed);
  };
  return { queue, add, take, remove, waiting: () => waiting };
}

const weightOf = (items: readonly Item[]) => items.reduce((sum, { weight }) => sum + weight, 0);
const ownersOf = (items: readonly Item[]) => new Set(items.map(({ owner }) => owner));

function expectFairRefusals({ before, refused }: ReturnType<ReturnType<typeof queueUnderTest>["add"]>): void {
  let left = before;
  for (const { item, error } of refused) {
    const own = left.filter(({ owner }) => owner === item.owner);
    const owners = ownersOf(left).size;
    expect(own.at(-1)).toBe(item);
    // An owner within an equal share is never refused, and an item alone is accepted with any weight.
    expect(own.length > LIMITS.maxItems / owners || weightOf(own) > LIMITS.maxWeight / owners).toBe(true);
    expect(left.length).toBeGreaterThan(1);
    expect(error).toBeInstanceOf(owners === 1 ? QueueFull : OverShare);
    left = left.filter((one) => one !== item);
  }
}

function expectFairTurns(before: readonly Item[], taken: readonly Item[], limits: FairQueueLimits): void {
  expect(taken.length).toBeLessThanOrEqual(limits.maxItems);
  expect([...ownersOf(before)]).toEqual(expect.arrayContaining([...ownersOf(taken)]));
  if (before.length > 0) expect(taken.length).toBeGreaterThan(0);
  if (taken.length > 1) expect(weightOf(taken)).toBeLessThanOrEqual(limits.maxWeight);
  const counts = new Map<string, number>();
  for (const owner of ownersOf(before)) {
    const own = taken.filter((item) => item.owner === owner);
    expect(own).toEqual(before.filter((item) => item.owner === owner).slice(0, own.length));
    counts.set(owner, own.length);
  }
  // An owner that has more items waiting got at most one turn fewer than any other.
  const max = Math.max(0, ...counts.values());
  for (const [owner, count] of counts) {
    const wants = before.filter((item) => item.owner === owner).length;
    if (wants > count) expect(count).toBeGreaterThanOrEqual(max - 1);
  }
}

it("bounds the waiting items, refuses no owner within an equal share, keeps each owner's order, and gives turns", () => {
  const seen = { overShare: 0, queueFull: 0, taken: 0 };
  fc.assert(
    fc.property(fc.array(STEP, { minLength: 30, maxLength: 80 }), (steps) => {
      const { queue, add, take, remove, waiting } = queueUnderTest();
      for (const step of steps) {
        if (step.does === "add") {
          const added = add(step.owner, step.weight);
          expectFairRefusals(added);
          seen.overShare += added.refused.filter(({ error }) => error instanceof OverShare).length;
          seen.queueFull += added.refused.filter(({ error }) => error instanceof QueueFull).length;
        } else if (step.does === "remove") remove(step.owner);
        else {
          const { before, taken } = take(step, step.passed);
          expectFairTurns(before, taken, step);
          seen.taken += taken.length;
        }
        expect(queue.size()).toEqual({ items: waiting().length, weight: weightOf(waiting()) });
        expect(waiting().length).toBeLessThanOrEqual(LIMITS.maxItems);
        if (waiting().length > 1) expect(weightOf(waiting())).toBeLessThanOrEqual(LIMITS.maxWeight);
      }
    }),
    { numRuns: 2_000 },
  );
  expect(seen.overShare).toBeGreaterThan(500);
  expect(seen.queueFull).toBeGreaterThan(100);
  expect(seen.taken).toBeGreaterThan(500);
});

it("takes an item of each owner within as many takes as there are owners", () => {
  const { add, take } = queueUnderTest();
  for (const owner of ["a", "a", "a", "b", "b", "c"]) add(owner, 1);
  const turns = Array.from({ length: 6 }, () => take({ maxItems: 1, maxWeight: 1 }).taken[0]?.owner);
  expect(turns).toEqual(["a", "b", "c", "a", "b", "a"]);
});
