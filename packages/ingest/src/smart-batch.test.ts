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

/** Waits until all settled promises have called back. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const batches = () => writes.map((write) => write.batch);

test("an idle ledger writes an item immediately and alone", () => {
  void batcher()("a");
  expect(batches()).toEqual([["a"]]);
});

test("items that arrive during a write are together in the next one, in order, and each gets its own result", async () => {
  const book = batcher();
  const answers = Promise.all(["a", "b", "c"].map((item) => book(item)));
  expect(batches()).toEqual([["a"]]);
  writes[0]?.finish();
  await settled();
  expect(batches()).toEqual([["a"], ["b", "c"]]);
  writes[1]?.finish();
  expect(await answers).toEqual(["a!", "b!", "c!"]);
});

test("no item is answered before its own write has ended", async () => {
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

test("the number of parallel writes is limited", async () => {
  const book = batcher({ maxWrites: 2 });
  for (const item of ["a", "b", "c", "d"]) void book(item);
  expect(batches()).toEqual([["a"], ["b"]]);
  writes[1]?.finish();
  await settled();
  expect(batches()).toEqual([["a"], ["b"], ["c", "d"]]);
});

describe("with a time after which the next write begins", () => {
  beforeEach(() => {
    clock = 1_000;
    vi.useFakeTimers({ toFake: ["setTimeout"] });
  });
  afterEach(() => void vi.useRealTimers());
  const pass = (ms: number) => {
    clock += ms;
    vi.advanceTimersByTime(ms);
  };

  test("a further write begins beside a slow one", () => {
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

  test("the delay counts from the last write, and nothing waits if no write is running", async () => {
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

  test("in weight, and an item that is too heavy is written alone", async () => {
    const book = batcher({ maxWeight: 3 });
    for (const item of ["a", "bb", "c", "heavy"]) void book(item);
    for (const index of [0, 1]) {
      writes[index]?.finish();
      await settled();
    }
    expect(batches()).toEqual([["a"], ["bb", "c"], ["heavy"]]);
  });
});

test("if too much waits, a new item is refused immediately and the waiting ones stay", async () => {
  const book = batcher({ maxWaiting: 1 });
  void book("a");
  const kept = book("b");
  await expect(book("c")).rejects.toBeInstanceOf(QueueFull);
  writes[0]?.finish();
  await settled();
  writes[1]?.finish();
  expect(await kept).toBe("b!");
});

test("if the waiting weight is too large, an item is refused, but an empty queue accepts any item", async () => {
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

test("a failed write fails only its own items, and the next one goes on", async () => {
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
  test("a write gets the remaining time of its oldest item", async () => {
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

  test("the time that an item used before its arrival is subtracted", async () => {
    const book = batcher();
    void book("a", 400);
    const late = book("b", 1_000);
    writes[0]?.finish();
    await expect(late).rejects.toBeInstanceOf(WaitedTooLong);
    expect(writes.map((write) => write.deadlineMs)).toEqual([600]);
  });

  test("an item whose time ends during a slow write is refused in time", async () => {
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

  test("without a running write do not wait for the writes of others", async () => {
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

  test("with the most waiting items are refused first, with an error that says so", async () => {
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

test("if a write returns too few results, the missing items fail", async () => {
  const book = smartBatch<string, string>({ write: async () => [], weigh: () => 1, now: () => 0 }, limits);
  await expect(book("a")).rejects.toThrow(/fewer results/);
});
