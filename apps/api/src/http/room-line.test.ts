import { setTimeout as delay } from "node:timers/promises";
import { beforeEach, expect, test, vi } from "vitest";
import { NoRoom } from "./byte-budget.ts";
import { roomLine } from "./room-line.ts";

let left = 0;
let line: ReturnType<typeof roomLine>;

beforeEach(() => {
  left = 0;
  line = roomLine();
});

function take(bytes: number): () => number {
  return () => {
    if (bytes > left) throw new NoRoom();
    left -= bytes;
    return bytes;
  };
}

const free = (bytes: number): void => {
  left += bytes;
  line.freed();
};

test("a body waits for room, and those that fit do not wait for a larger one", async () => {
  const taken: number[] = [];
  const waiting = [9, 4, 5].map(async (bytes) => taken.push(await line.whenRoom("a", take(bytes))));
  free(4);
  await delay(0);
  expect(taken).toEqual([4]);
  free(5);
  free(9);
  await Promise.all(waiting);
  expect(taken).toEqual([4, 5, 9]);
});

test("a body that finds no room in three seconds is refused", async () => {
  vi.useFakeTimers();
  const refused = expect(line.whenRoom("a", take(1))).rejects.toThrow(NoRoom);
  await vi.advanceTimersByTimeAsync(3_000);
  vi.useRealTimers();
  await refused;
  free(1);
  expect(left).toBe(1);
});

test("eight bodies of a sender wait, and 32 of all", async () => {
  const refused = async (owner: string) => {
    const first = await Promise.race([line.whenRoom(owner, take(1)).catch((error) => error), delay(0)]);
    return first instanceof NoRoom;
  };
  for (const owner of ["a", "b", "c", "d"]) {
    for (let place = 0; place < 8; place += 1) expect(await refused(owner), owner).toBe(false);
  }
  expect(await refused("a")).toBe(true);
  expect(await refused("e")).toBe(true);
  free(1);
  expect(await refused("a")).toBe(false);
  free(100);
});

test("another error ends the waiting", async () => {
  const waiting = line.whenRoom("a", () => {
    if (left === 0) throw new NoRoom();
    throw new RangeError("other");
  });
  free(1);
  await expect(waiting).rejects.toThrow("other");
});
