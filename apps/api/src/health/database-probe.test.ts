import type { LedgerStatus } from "@call-ledger/db/status";
import { beforeEach, expect, test } from "vitest";
import { probeDatabase } from "./database-probe.ts";

const STATUS: LedgerStatus = {
  databaseSizeMb: 1,
  migration: 1,
  oldestCode: 1,
  queue: { depth: 0, oldestAgeSeconds: null },
  dead: 0,
  quarantined: 0,
  lastEventAt: null,
  workerAgeSeconds: null,
  sizeBefore: null,
  attention: {},
  completeness: { incompleteDays: 0, missingCalls: 0 },
  repaired: {},
  missing: {},
  lateJobs: [],
};
const TIMEOUT_MS = 30;

let asked: { answer(): void; fail(): void }[];

beforeEach(() => {
  asked = [];
});

const probe = () =>
  probeDatabase<LedgerStatus>(
    () =>
      new Promise((resolve, reject) => {
        asked.push({ answer: () => resolve(STATUS), fail: () => reject(new Error("gone")) });
      }),
    TIMEOUT_MS,
  );

test("callers that ask while a question runs share its answer", async () => {
  const ask = probe();
  const answers = [ask(), ask(), ask()];
  expect(asked).toHaveLength(1);
  asked[0]?.answer();
  expect(await Promise.all(answers)).toEqual([STATUS, STATUS, STATUS]);
  void ask();
  expect(asked).toHaveLength(2);
});

test("no caller waits longer than the timeout, and a question that hangs is not asked again", async () => {
  const ask = probe();
  expect(await ask()).toBeNull();
  expect(await ask()).toBeNull();
  expect(asked).toHaveLength(1);
  const third = ask();
  asked[0]?.answer();
  expect(await third).toEqual(STATUS);
});

test("a question that fails gives null, and the next caller asks again", async () => {
  const ask = probe();
  const answer = ask();
  asked[0]?.fail();
  expect(await answer).toBeNull();
  void ask();
  expect(asked).toHaveLength(2);
});
