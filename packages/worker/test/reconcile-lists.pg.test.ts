import { completenessOf } from "@call-ledger/db/completeness";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { completed, expectedFacts, factsIn } from "./harness/call-facts.ts";
import type { ReconciledLedger } from "./harness/reconciled-ledger.ts";
import { DAY, MINUTE, reconciledLedger } from "./harness/reconciled-ledger.ts";

let ledger: ReconciledLedger;

beforeEach(async () => {
  ledger = await reconciledLedger();
});
afterEach(() => ledger.drop());

type Distortion = Parameters<ReconciledLedger["vapi"]["distortList"]>[0];

describe("a list", () => {
  test.each<[string, Distortion]>([
    ["names calls twice", (shown) => ({ body: [...shown, ...shown] })],
    [
      "names calls in two states",
      (shown) => ({
        body: shown.flatMap((call) => [call, { ...call, updatedAt: call.createdAt, artifact: {}, cost: 0 }]),
      }),
    ],
    ["has another order", (shown) => ({ body: shown.toReversed() })],
    ["has no time of the last change", (shown) => ({ body: shown.map(({ updatedAt: _, ...call }) => call) })],
    ["has elements that are no calls", (shown) => ({ body: [null, "x", {}, [], ...shown] })],
  ])("that %s", async (_what, distort) => {
    const calls = [1, 2].map((seed) => ledger.call({ ...completed, seed }));
    ledger.vapi.distortList(distort);
    const { tally, error } = await ledger.reconcile();
    expect([error, tally.listed, tally.repaired, tally.missing]).toEqual([null, 2, 2, 0]);
    for (const call of calls) expect(await factsIn(ledger, call)).toEqual(expectedFacts(call));
  });

  test.each<[string, Distortion, string]>([
    [
      "that is an empty page of more",
      () => ({ body: { results: [], metadata: { hasMore: true } } }),
      "the API's answer is not a list of calls",
    ],
    [
      "that ignores the requested time",
      (_shown, all) => ({ body: all.slice(0, 100) }),
      "the API lists calls of other times than the requested one",
    ],
    [
      "that is compressed",
      () => ({ headers: { "content-encoding": "gzip" } }),
      "the API's answer is encoded",
    ],
    ["that is not there", () => ({ status: 404 }), "the API answered HTTP 404"],
  ])("%s is an error, and nothing counts as compared", async (_what, distort, error) => {
    for (let seed = 0; seed < 110; seed += 1) ledger.call({ outcome: "no_answer", seed });
    ledger.vapi.distortList(distort);
    expect(await ledger.reconcile()).toMatchObject({ error, tally: { missing: 0 } });
    expect(ledger.vapi.requests.length).toBeLessThan(60);
    expect(await ledger.sql`select compared_until from reconciled_accounts`).toEqual([
      { compared_until: null },
    ]);
  });
});

test("a call that the list shows eight minutes late is found, because windows overlap", async () => {
  await ledger.drop();
  ledger = await reconciledLedger({ lagMs: () => 8 * MINUTE });
  const call = ledger.call({ outcome: "no_answer", startedAt: ledger.now() });
  for (let minute = 0; minute < 20; minute += 1) {
    ledger.advance(MINUTE);
    await ledger.reconcile();
  }
  expect(await factsIn(ledger, call)).toMatchObject({ outcome: "no_answer" });
});

test("a call that the list hides for three days is found within a week", async () => {
  const hidden = ledger.call(completed);
  const hide: Distortion = (shown) => ({ body: shown.filter(({ id }) => id !== hidden.callId) });
  ledger.vapi.distortList(hide);
  const found: boolean[] = [];
  for (let day = 0; day < 11; day += 1) {
    if (day === 4) ledger.vapi.distortList(() => ({}));
    const { error } = await ledger.reconcile();
    expect(error).toBeNull();
    found.push((await factsIn(ledger, hidden)) !== null);
    ledger.advance(DAY);
  }
  expect([found.slice(0, 4), found.at(-1)]).toEqual([[false, false, false, false], true]);
});

test.each([2 * 60 * MINUTE, 400 * DAY])(
  "a clock that was %i ms ahead for one comparison hides no call",
  async (ahead) => {
    expect((await ledger.reconcile()).error).toBeNull();
    ledger.advance(ahead);
    expect((await ledger.reconcile()).error).toBeNull();
    ledger.advance(-ahead);
    const lost = ledger.call({ startedAt: ledger.now() - 20 * MINUTE });
    expect((await ledger.reconcile()).tally).toMatchObject({ listed: 1, booked: 1 });
    const [account] = await ledger.sql`select compared_until from reconciled_accounts`;
    expect(account?.compared_until.getTime()).toBeLessThan(ledger.now());
    expect(await ledger.sql`select provider_call_id as id from calls`).toEqual([{ id: lost.callId }]);
  },
);

describe("an entry of the list that cannot be read", () => {
  const noon = (daysAgo: number) => Math.floor(ledger.now() / DAY) * DAY - daysAgo * DAY + 720 * MINUTE;
  const daysThat = async (are: "compared" | "behind") => {
    const [account] = await completenessOf(ledger.sql, ledger.orgId, { from: null, to: null, days: 14 });
    return account?.days.filter((day) => day[are]).map(({ day }) => day) ?? [];
  };
  const comparedDays = () => daysThat("compared");
  const daysBehind = () => daysThat("behind");
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

  test("takes only its own day from the compared ones, until it can be read", async () => {
    const at = noon(4);
    for (const days of [3, 5, 6]) ledger.call({ ...completed, seed: days, startedAt: noon(days) });
    const broken = ledger.call({ ...completed, startedAt: at });
    ledger.vapi.distortList((shown) => ({
      body: shown.map(({ id, ...call }) => (id === broken.callId ? call : { id, ...call })),
    }));
    const { tally, error } = await ledger.reconcile();
    expect([error, tally.unreadable, tally.repaired]).toEqual([null, 1, 3]);
    expect(tally.requests).toBeLessThan(40);
    const days = await comparedDays();
    expect(days).toEqual(expect.arrayContaining([3, 5, 6].map((ago) => dayOf(noon(ago)))));
    expect(days).not.toContain(dayOf(at));
    expect(await daysBehind()).toEqual([dayOf(at)]);
    const [alarm] = await ledger.sql`select * from call_ledger.incomplete_days(${new Date(ledger.now())})`;
    expect(alarm).toMatchObject({ account_id: PLATFORM_ACCOUNT, days: "0", uncompared: "1" });

    ledger.vapi.distortList(() => ({}));
    ledger.advance(7 * DAY);
    await ledger.reconcile();
    expect(await comparedDays()).toContain(dayOf(at));
    expect(await ledger.sql`select unread::text from reconciled_accounts`).toEqual([{ unread: "{}" }]);
  });

  test("also if the comparison goes by the time of creation", async () => {
    const at = noon(2);
    const broken = ledger.call({ ...completed, startedAt: at });
    await ledger.reconcile();
    expect(await comparedDays()).toContain(dayOf(at));
    ledger.vapi.distortList((shown) => ({
      body: shown.map(({ id, ...call }) => (id === broken.callId ? call : { id, ...call })),
    }));
    await ledger.reconcile(PLATFORM_ACCOUNT, { from: at - DAY, to: at + DAY });
    expect(await comparedDays()).not.toContain(dayOf(at));
  });
});
