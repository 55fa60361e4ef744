import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OverShare, QueueFull } from "./fair-queue.ts";
import type { SmartBatchLimits } from "./smart-batch.ts";
import { smartBatch, WaitedTooLong } from "./smart-batch.ts";

type Write = { batch: readonly string[]; deadlineMs: number; finish(): void; fail(error: Error): void };

let writes: Write[];
let clock: number;

beforeEach(() => {
  writes = [];
  clock = 0;
});

const limits: SmartBatchLimits = {
  maxWrites: 1,
  maxItems: 3,
  maxWeight: 100,
  maxWaiting: 5,
  maxWaitingWeight: 1_000,
  deadlineMs: 1_000,
};

function batcher(changed: Partial<SmartBatchLimits> = {}) {
  return smartBatch<string, string>(
    {
      write: (batch, deadlineMs) =>
        new Promise((resolve, reject) => {
          writes.push({
            batch,
            deadlineMs,
            finish: () => resolve(batch.map((item) => `${item}!`)),
            fail: reject,
          });
        }),
      weigh: (item) => item.length,
      now: () => clock,
    },
    { ...limits, ...changed },
  );
}

/** Lets everything that is already settled be seen. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const batches = () => writes.map((write) => write.batch);

test("an idle ledger writes at once and alone", () => {
  void batcher()("a");
  expect(batches()).toEqual([["a"]]);
});

test("what arrives meanwhile travels together in the next write, in order, each answered with its own result", async () => {
  const book = batcher();
  const answers = Promise.all(["a", "b", "c"].map((item) => book(item)));
  expect(batches()).toEqual([["a"]]);
  writes[0]?.finish();
  await settled();
  expect(batches()).toEqual([["a"], ["b", "c"]]);
  writes[1]?.finish();
  expect(await answers).toEqual(["a!", "b!", "c!"]);
});

test("nobody is answered before the own write has ended", async () => {
  const book = batcher();
  let answered = false;
  void book("a");
  void book("b").then(() => {
    answered = true;
  });
  writes[0]?.finish();
  await settled();
  expect(answered).toBe(false);
  writes[1]?.finish();
  await settled();
  expect(answered).toBe(true);
});

test("at most so many writes are in flight", async () => {
  const book = batcher({ maxWrites: 2 });
  for (const item of ["a", "b", "c", "d"]) void book(item);
  expect(batches()).toEqual([["a"], ["b"]]);
  writes[1]?.finish();
  await settled();
  expect(batches()).toEqual([["a"], ["b"], ["c", "d"]]);
});

describe("with patience", () => {
  beforeEach(() => {
    clock = 1_000;
    vi.useFakeTimers({ toFake: ["setTimeout"] });
  });
  afterEach(() => void vi.useRealTimers());
  const pass = (ms: number) => {
    clock += ms;
    vi.advanceTimersByTime(ms);
  };

  test("a further write begins beside one that takes its time, by itself", () => {
    const book = batcher({ maxWrites: 2, nextWriteAfterMs: 25 });
    for (const item of ["a", "b", "c"]) void book(item);
    pass(24);
    expect(batches()).toEqual([["a"]]);
    pass(1);
    expect(batches()).toEqual([["a"], ["b", "c"]]);
    void book("d");
    pass(900);
    expect(batches()).toHaveLength(2);
  });

  test("the patience begins with the last write, and nothing waits when none is under way", async () => {
    const book = batcher({ maxWrites: 2, nextWriteAfterMs: 25 });
    void book("a");
    pass(20);
    void book("b");
    writes[0]?.finish();
    await settled();
    expect(batches()).toEqual([["a"], ["b"]]);
    void book("c");
    pass(24);
    expect(batches()).toHaveLength(2);
    pass(1);
    expect(batches()).toEqual([["a"], ["b"], ["c"]]);
  });
});

describe("a batch is bounded", () => {
  test("in items", async () => {
    const book = batcher();
    for (const item of ["a", "b", "c", "d", "e"]) void book(item);
    writes[0]?.finish();
    await settled();
    expect(batches().at(-1)).toEqual(["b", "c", "d"]);
  });

  test("in weight, and one that is too heavy travels alone", async () => {
    const book = batcher({ maxWeight: 3 });
    for (const item of ["a", "bb", "c", "heavy"]) void book(item);
    for (const index of [0, 1]) {
      writes[index]?.finish();
      await settled();
    }
    expect(batches()).toEqual([["a"], ["bb", "c"], ["heavy"]]);
  });
});

test("when too much waits it refuses at once and keeps what it has", async () => {
  const book = batcher({ maxWaiting: 1 });
  void book("a");
  const kept = book("b");
  await expect(book("c")).rejects.toBeInstanceOf(QueueFull);
  writes[0]?.finish();
  await settled();
  writes[1]?.finish();
  expect(await kept).toBe("b!");
});

test("when what waits weighs too much it refuses, but an empty queue takes anything", async () => {
  const book = batcher({ maxWaitingWeight: 4 });
  void book("a");
  void book("a heavy one");
  await expect(book("b")).rejects.toBeInstanceOf(QueueFull);
  writes[0]?.finish();
  await settled();
  void book("bb");
  void book("cc");
  await expect(book("d")).rejects.toBeInstanceOf(QueueFull);
  expect(batches()).toEqual([["a"], ["a heavy one"]]);
});

test("a write that fails fails its own items only, and the next goes on", async () => {
  const book = batcher();
  const first = book("a");
  const second = book("b");
  writes[0]?.fail(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  await settled();
  writes[1]?.finish();
  expect(await second).toBe("b!");
});

describe("time", () => {
  test("a write gets what is left of its oldest item's time", async () => {
    const book = batcher();
    void book("a");
    clock = 300;
    void book("b");
    clock = 500;
    void book("c");
    clock = 700;
    writes[0]?.finish();
    await settled();
    expect(writes.map((write) => write.deadlineMs)).toEqual([1_000, 600]);
  });

  test("time that was spent before an item arrived is not given to it again", async () => {
    const book = batcher();
    void book("a", 400);
    const late = book("b", 1_000);
    writes[0]?.finish();
    await expect(late).rejects.toBeInstanceOf(WaitedTooLong);
    expect(writes.map((write) => write.deadlineMs)).toEqual([600]);
  });

  test("an item whose time is over while a write takes long is refused in time", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const book = batcher();
    void book("a");
    const late = expect(book("b")).rejects.toBeInstanceOf(WaitedTooLong);
    clock = 1_000;
    vi.advanceTimersByTime(1_000);
    await late;
    vi.useRealTimers();
    expect(book.queue()).toEqual({ items: 0, weight: 0, writing: 1 });
  });

  test("an item whose time is over is not written, and the others are", async () => {
    const book = batcher();
    void book("a");
    const late = book("b");
    clock = 900;
    void book("c");
    clock = 990;
    writes[0]?.finish();
    await expect(late).rejects.toBeInstanceOf(WaitedTooLong);
    await settled();
    expect(batches()).toEqual([["a"], ["c"]]);
  });
});

describe("owners", () => {
  const owned = (changed: Partial<SmartBatchLimits>) =>
    smartBatch<string, string>(
      {
        write: (batch) =>
          new Promise((resolve) => {
            const finish = () => resolve(batch.map((item) => `${item}!`));
            writes.push({ batch, deadlineMs: 0, finish, fail: () => undefined });
          }),
        weigh: (item) => item.length,
        ownerOf: (item) => item.charAt(0),
        now: () => clock,
      },
      { ...limits, ...changed },
    );

  test("take turns in a batch", async () => {
    const book = owned({});
    for (const item of ["a1", "a2", "a3", "a4", "b1"]) void book(item);
    writes[0]?.finish();
    await settled();
    expect(batches()).toEqual([["a1"], ["a2", "b1", "a3"]]);
  });

  test("of whom nothing is being written does not wait for the writes of others", async () => {
    const book = owned({ maxWritesOfOthers: 1 });
    for (const item of ["a1", "a2", "b1", "c1"]) void book(item);
    expect(batches()).toEqual([["a1"], ["b1"]]);
    writes[1]?.finish();
    await settled();
    expect(batches()).toEqual([["a1"], ["b1"], ["c1"]]);
    void book("c2");
    writes[0]?.finish();
    await settled();
    expect(batches()).toEqual([["a1"], ["b1"], ["c1"], ["a2"]]);
    writes[2]?.finish();
    await settled();
    expect(batches().at(-1)).toEqual(["c2"]);
  });

  test("who has most waiting gives way, and is told so", async () => {
    const book = owned({ maxWaiting: 3 });
    void book("a1");
    for (const item of ["a2", "a3"]) void book(item);
    const newest = book("a4");
    void book("b1");
    await expect(newest).rejects.toBeInstanceOf(OverShare);
    writes[0]?.finish();
    await settled();
    expect(batches()).toEqual([["a1"], ["a2", "b1", "a3"]]);
  });
});

test("a write that answers too little fails what it left out", async () => {
  const book = smartBatch<string, string>({ write: async () => [], weigh: () => 1, now: () => 0 }, limits);
  await expect(book("a")).rejects.toThrow(/fewer items/);
});
