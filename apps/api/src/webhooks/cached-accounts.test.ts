import { expect, test } from "vitest";
import { cachedAccounts } from "./cached-accounts.ts";

const LIMITS = { holdsMs: 5_000, maxKnown: 3, maxUnknown: 2 };

function setting(there: readonly string[]) {
  const asked: string[] = [];
  const state = { at: 0, there: new Set(there), failing: false };
  const find = async (id: string) => {
    asked.push(id);
    if (state.failing) throw new Error("away");
    return state.there.has(id) ? { id } : null;
  };
  return { asked, state, account: cachedAccounts({ find, now: () => state.at }, LIMITS) };
}

test("an answer is used for five seconds from the beginning of its lookup", async () => {
  const { asked, state, account } = setting(["a"]);
  expect(await account("a")).toEqual({ id: "a" });
  state.there.delete("a");
  state.at = 4_999;
  expect(await account("a")).toEqual({ id: "a" });
  state.at = 5_000;
  expect(await account("a")).toBeNull();
  expect(asked).toEqual(["a", "a"]);
});

test("a missing account is remembered for the same time", async () => {
  const { asked, state, account } = setting([]);
  for (let time = 0; time < 10; time += 1) expect(await account("x")).toBeNull();
  expect(asked).toEqual(["x"]);
  state.there.add("x");
  state.at = 5_000;
  expect(await account("x")).toEqual({ id: "x" });
});

test("callers at the same time wait for the same answer", async () => {
  const { asked, account } = setting(["a"]);
  await Promise.all(Array.from({ length: 20 }, () => account("a")));
  expect(asked).toEqual(["a"]);
});

test("ids without an account displace each other but no account", async () => {
  const { asked, account } = setting(["a", "b", "c"]);
  for (const id of ["a", "b", "c", "x", "y", "z"]) await account(id);
  asked.length = 0;
  for (const id of ["a", "b", "c", "y", "z"]) await account(id);
  expect(asked).toEqual([]);
  await account("x");
  expect(asked).toEqual(["x"]);
});

test("beyond the max number of accounts the oldest is looked up again", async () => {
  const { asked, account } = setting(["a", "b", "c", "d"]);
  for (const id of ["a", "b", "c", "d", "b", "c", "d", "a"]) await account(id);
  expect(asked).toEqual(["a", "b", "c", "d", "a"]);
});

test("a failed lookup is not remembered, and the next caller asks again", async () => {
  const { state, account } = setting(["a"]);
  state.failing = true;
  await expect(account("a")).rejects.toThrow("away");
  state.failing = false;
  expect(await account("a")).toEqual({ id: "a" });
});
