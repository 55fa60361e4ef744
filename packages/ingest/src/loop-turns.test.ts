import { beforeEach, expect, test } from "vitest";
import { loopTurns } from "./loop-turns.ts";

let clock: number;
let later: (() => void)[];
let done: string[];

beforeEach(() => {
  clock = 0;
  later = [];
  done = [];
});

const nextTurn = () => {
  for (const resume of later.splice(0)) resume();
};
const turns = () => loopTurns({ now: () => clock, nextTurn: (resume) => void later.push(resume) }, 20);
/** Work that takes this time. */
const work = (name: string, ms: number) => () => {
  clock += ms;
  done.push(name);
  return name;
};

test("work is done immediately while the turn has time", async () => {
  const inTurn = turns();
  const answers = [inTurn("a", work("a1", 10)), inTurn("a", work("a2", 9))];
  expect(done).toEqual(["a1", "a2"]);
  expect(await Promise.all(answers)).toEqual(["a1", "a2"]);
});

test("after the time of a turn is used up, the next turn continues, one owner after another", () => {
  const inTurn = turns();
  for (const [owner, name] of [
    ["a", "a1"],
    ["a", "a2"],
    ["a", "a3"],
    ["a", "a4"],
    ["b", "b1"],
  ] as const) {
    void inTurn(owner, work(name, 15));
  }
  expect(done).toEqual(["a1", "a2"]);
  nextTurn();
  expect(done).toEqual(["a1", "a2", "a3", "b1"]);
  nextTurn();
  expect(done).toEqual(["a1", "a2", "a3", "b1", "a4"]);
});

test("time that other work takes in a turn does not count for the next", () => {
  const inTurn = turns();
  void inTurn("a", work("a1", 30));
  nextTurn();
  clock += 100;
  nextTurn();
  void inTurn("a", work("a2", 1));
  expect(done).toEqual(["a1", "a2"]);
});

test("a failure rejects only its own work", async () => {
  const inTurn = turns();
  const failing = inTurn("a", () => {
    throw new Error("broken");
  });
  await expect(failing).rejects.toThrow("broken");
  expect(await inTurn("a", work("a1", 1))).toBe("a1");
});
