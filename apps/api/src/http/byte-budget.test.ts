import { AccountOverShare } from "@call-ledger/ingest";
import { beforeEach, expect, test } from "vitest";
import type { ByteBudget } from "./byte-budget.ts";
import { byteBudget, NoRoom } from "./byte-budget.ts";

const KB = 1024;
const LIMITS = { bytes: 1_024 * KB, smallBytes: 8 * KB, arrivingMs: 1_000 };

let clock = 0;
let budget: ByteBudget;
let gone: string[];

beforeEach(() => {
  clock = 0;
  gone = [];
  budget = byteBudget(LIMITS, () => clock);
});

const admit = (owner: string, bytes: number, name = owner) =>
  budget.admit(owner, bytes, () => void gone.push(name));

test("one owner gets half of the budget, the next one half of the rest", () => {
  for (const owner of ["a", "b", "c"]) {
    let taken = 0;
    expect(() => {
      for (; ; taken += 20) admit(owner, 20 * KB - 4_096);
    }).toThrow(NoRoom);
    const share = { a: 512, b: 256, c: 128 }[owner] ?? 0;
    expect(taken).toBeGreaterThan(share - 40);
    expect(taken).toBeLessThanOrEqual(share + 8);
  }
  expect(gone).toEqual([]);
});

test("a large body displaces one that has been arriving for a second, of the same owner first", () => {
  admit("b", 100 * KB, "b1");
  admit("a", 300 * KB, "a1");
  expect(() => admit("a", 300 * KB, "a2")).toThrow(NoRoom);
  clock = 1_000;
  admit("a", 300 * KB, "a2");
  expect(gone).toEqual(["a1"]);
});

test("a small body displaces any body that is still arriving, but none that has arrived", () => {
  const first = admit("a", 240 * KB, "a1");
  admit("a", 240 * KB, "a2");
  first.arrived();
  for (let count = 0; count < 8; count += 1) admit("a", 8 * KB, `small ${count}`).arrived();
  expect(gone).toEqual(["a2"]);
});

test("a body that grows does not displace itself, and a displaced body takes no more room", () => {
  const growing = admit("a", 10 * KB, "a1");
  expect(() => growing.grow(600 * KB)).toThrow(NoRoom);
  const other = admit("a", 400 * KB, "a2");
  clock = 1_000;
  growing.grow(300 * KB);
  expect(gone).toEqual(["a2"]);
  expect(() => other.grow(1)).toThrow(NoRoom);
  other.release();
  growing.release();
  growing.release();
  expect(budget.used()).toEqual({ bytes: 0, bodies: 0 });
});

test("a verified body counts for its account, which has its share", () => {
  const arrive = () => {
    const room = admit("address", 200 * KB);
    room.arrived();
    return room;
  };
  const rooms = [arrive(), arrive()];
  for (const room of rooms) room.moveTo("account");
  expect(() => arrive().moveTo("account")).toThrow(AccountOverShare);
  for (const room of rooms) room.release();
  admit("address", 8 * KB).moveTo("account");
});
