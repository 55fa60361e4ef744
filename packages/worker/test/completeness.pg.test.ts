import { randomUUID } from "node:crypto";
import { completenessSchema } from "@call-ledger/contract/completeness";
import {
  COMPARISON_DAYS,
  callsOfUnknownAgents,
  completenessOf,
  readCompleteness,
} from "@call-ledger/db/completeness";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isReport } from "./harness/call-facts.ts";
import type { ReconciledLedger } from "./harness/reconciled-ledger.ts";
import { AGENT, DAY, MINUTE, reconciledLedger } from "./harness/reconciled-ledger.ts";

let ledger: ReconciledLedger;

beforeEach(async () => {
  ledger = await reconciledLedger();
  await ledger.sql`update organizations set time_zone = 'Australia/Sydney'`;
});
afterEach(() => ledger.drop());

const all = { from: null, to: null };
const read = async (orgId = ledger.orgId, range = all as Parameters<typeof readCompleteness>[2]) =>
  readCompleteness(ledger.pool, orgId, range, 5_000);

const inSydney = new Intl.DateTimeFormat("en-CA", { timeZone: "Australia/Sydney" });
/** 06:00 of a day in Sydney, some days ago. In UTC it is the day before. */
function morning(daysAgo: number): { readonly day: string; readonly at: number } {
  const at = Math.floor(ledger.now() / DAY) * DAY - daysAgo * DAY + 20 * 60 * MINUTE;
  return { day: inSydney.format(at), at };
}

async function dayOf(day: string) {
  const [account] = await read();
  return account?.days.find((one) => one.day === day);
}

test("a day is one of the organization's calendar, counts lost and repaired calls, and is complete", async () => {
  const { day, at } = morning(5);
  const [lost, whole] = [1, 2].map((seed) => ledger.call({ seed, startedAt: at, outcome: "completed" }));
  if (lost === undefined || whole === undefined) throw new Error("no calls");
  await ledger.deliver(whole);
  await ledger.reconcile();
  expect(await dayOf(day)).toEqual({
    day,
    providerCalls: 2,
    ours: 2,
    difference: 0,
    repaired: { call: 1 },
    missing: {},
    gone: 0,
    unlisted: 0,
    compared: true,
    behind: false,
    complete: true,
  });
  const [account] = await read();
  expect(account?.timeZone).toBe("Australia/Sydney");
  expect(account?.days.length).toBe(30);
  expect(account?.days.at(-1)).toMatchObject({ day: inSydney.format(ledger.now()), complete: false });
});

test("a day before the first comparison is not complete, because nothing is known of it", async () => {
  ledger.call({ outcome: "no_answer" });
  await ledger.reconcile();
  const [account] = await read();
  expect(account?.days.at(0)).toMatchObject({ providerCalls: 0, complete: false });
  expect(account?.daysOver).toBe(29);
  // The day on which the retention of 14 days begins is compared only in part.
  expect(account?.daysComplete).toBe(13);
});

test("a call that the provider no longer has is shown apart, until its report arrives after all", async () => {
  const { day, at } = morning(3);
  const call = ledger.call({ startedAt: at, outcome: "completed" });
  await ledger.deliver(call, (one) => !isReport(one));
  await ledger.sql`update calls set attention = array['missing_report'], created_at = ${new Date(at)}`;
  ledger.vapi.forget(call.callId);
  await ledger.reconcile();
  const apart = { providerCalls: 0, ours: 0, missing: {}, gone: 1, complete: true };
  expect(await dayOf(day)).toMatchObject(apart);
  await ledger.deliver(call, isReport);
  expect(await dayOf(day)).toMatchObject({ ...apart, providerCalls: 1, ours: 1, gone: 0 });
});

test("a call is counted by what the ledger has of it, whatever the last comparison found", async () => {
  const { day, at } = morning(3);
  const call = ledger.call({ startedAt: at, outcome: "completed" });
  await ledger.reconcile();
  const counts = { providerCalls: 1, ours: 1, missing: {}, complete: true };
  const missing = (reason: string) => ({ ...counts, ours: 0, missing: { [reason]: 1 }, complete: false });
  expect(await dayOf(day)).toMatchObject(counts);
  await ledger.sql`update provider_calls set missing = 'refused'`;
  expect(await dayOf(day)).toMatchObject(counts);
  await ledger.sql`update calls set awaits_report = true`;
  expect(await dayOf(day)).toMatchObject(missing("refused"));
  await ledger.sql`update provider_calls set missing = null`;
  expect(await dayOf(day)).toMatchObject(missing("not_booked"));
  await ledger.sql`delete from calls where provider_call_id = ${call.callId}`;
  expect(await dayOf(day)).toMatchObject(missing("not_booked"));
});

test("a lost call from before its agent was removed counts for its organization, and is booked with it", async () => {
  const { day, at } = morning(3);
  const removeAgent = (removedAt: number) =>
    ledger.sql`update agents set deleted_at = ${new Date(removedAt)} where deleted_at is null`;
  await removeAgent(at + 60 * MINUTE);
  ledger.call({ startedAt: at, outcome: "completed" });
  ledger.call({ seed: 2, startedAt: at + 120 * MINUTE, outcome: "completed" });
  await ledger.reconcile();
  const lost = { providerCalls: 1, missing: { unknown_agent: 1 }, complete: false };
  expect(await dayOf(day)).toMatchObject(lost);
  expect(await callsOfUnknownAgents(ledger.sql, 30)).toEqual([{ accountId: PLATFORM_ACCOUNT, calls: 1 }]);

  await ledger.sql`insert into agents (org_id, provider_account_id, provider_agent_id)
    values (${ledger.orgId}, ${PLATFORM_ACCOUNT}, ${AGENT})`;
  ledger.advance(10 * MINUTE);
  await ledger.sql`update provider_calls set ask_at = now()`;
  await ledger.reconcile();
  expect(await dayOf(day)).toMatchObject({
    providerCalls: 2,
    ours: 2,
    repaired: { call: 2 },
    complete: true,
  });
});

test("calls that the provider's list does not have are counted apart, and their day is not complete", async () => {
  const { day, at } = morning(3);
  const call = ledger.call({ startedAt: at, outcome: "completed" });
  await ledger.deliver(call);
  ledger.vapi.forget(call.callId);
  await ledger.reconcile();
  expect(await dayOf(day)).toMatchObject({ providerCalls: 0, ours: 0, unlisted: 1, complete: false });
});

test("a day whose notes are deleted by now counts as not compared", async () => {
  const { day, at } = morning(3);
  ledger.call({ startedAt: at, outcome: "completed" });
  await ledger.reconcile();
  const compared = async (now: number) => {
    const [account] = await completenessOf(ledger.sql, ledger.orgId, { from: day, to: day }, now);
    return account?.days.map((one) => one.compared);
  };
  expect(await compared(ledger.now())).toEqual([true]);
  expect(await compared(ledger.now() + COMPARISON_DAYS * DAY)).toEqual([false]);
});

test("an account of the organization without a key and without agents is shown", async () => {
  const accountId = randomUUID();
  await ledger.sql`insert into provider_accounts (id, org_id, provider) values (${accountId}, ${ledger.orgId}, 'vapi')`;
  expect(await read()).toContainEqual(expect.objectContaining({ accountId, comparedUntil: null }));
});

test("an account that was never compared is shown as such", async () => {
  expect(await read()).toMatchObject([
    { accountId: PLATFORM_ACCOUNT, provider: null, comparedUntil: null, daysComplete: 0 },
  ]);
});

test("calls of an agent that was removed since are still counted", async () => {
  const { day, at } = morning(2);
  ledger.call({ startedAt: at, outcome: "no_answer" });
  await ledger.reconcile();
  await ledger.sql`update agents set deleted_at = now()`;
  expect(await dayOf(day)).toMatchObject({ providerCalls: 1, ours: 1 });
});

test("an organization sees only its own calls", async () => {
  const { day, at } = morning(2);
  ledger.call({ startedAt: at, outcome: "no_answer" });
  const other = randomUUID();
  await ledger.sql`insert into organizations (id, name) values (${other}, 'next door')`;
  await ledger.sql`insert into agents (org_id, provider_account_id, provider_agent_id)
    values (${other}, ${PLATFORM_ACCOUNT}, 'next door')`;
  await ledger.reconcile();
  const [theirs] = await read(other);
  expect(theirs?.days.every(({ providerCalls }) => providerCalls === 0)).toBe(true);
  expect((await dayOf(day))?.providerCalls).toBe(1);
});

/** Returns a zone in which it is about midday in the morning or afternoon, so that no day has ended recently. */
const ZONES = [
  "Asia/Kolkata",
  "Asia/Tokyo",
  "Pacific/Auckland",
  "America/Los_Angeles",
  "America/New_York",
  "UTC",
];

function zoneOfDaylight(): string {
  const hourIn = (timeZone: string) =>
    Number(
      new Intl.DateTimeFormat("en", { timeZone, hour: "numeric", hourCycle: "h23" }).format(ledger.now()),
    );
  return ZONES.find((zone) => hourIn(zone) > 5 && hourIn(zone) < 20) ?? "";
}

test("a day is behind if the comparison began before it and has not reached its end, whatever the range", async () => {
  await ledger.sql`insert into reconciled_accounts
    (provider_account_id, provider, compared_since, compared_until, started_at)
    values (${PLATFORM_ACCOUNT}, 'vapi', now() - interval '9 days', now() - interval '3 days', now())`;
  const [account] = await read();
  const behind = account?.days.filter((one) => one.behind).map((one) => one.day) ?? [];
  expect(behind).toEqual(account?.days.slice(-behind.length - 1, -1).map((one) => one.day));
  expect(behind).toHaveLength(3);
  const [narrow] = await read(ledger.orgId, { from: behind.at(-1) ?? null, to: behind.at(-1) ?? null });
  expect(narrow?.days).toMatchObject([{ behind: true, compared: false, complete: false }]);
});

test.each([
  ["of calls that are missing", "now()", null],
  ["that were not compared", "now() - interval '3 days'", "HTTP 401"],
])("the alarm counts the same days %s as this list", async (_what, comparedUntil, error) => {
  const { sql, orgId } = ledger;
  await sql`update organizations set time_zone = ${zoneOfDaylight()}`;
  await sql`insert into reconciled_accounts
    (provider_account_id, org_id, provider, compared_since, compared_until, started_at, finished_at, error)
    values (${PLATFORM_ACCOUNT}, ${orgId}, 'vapi', now() - interval '20 days', ${sql.unsafe(comparedUntil)},
      now(), now(), ${error})`;
  await sql`insert into provider_calls
      (provider_account_id, provider_call_id, org_id, created_at, has_ended, missing)
    select ${PLATFORM_ACCOUNT}, n::text, ${orgId}, now() - n * interval '5 hours', true,
      case when n between 10 and 20 then null when n % 3 = 0 then 'gone' when n % 7 = 0 then 'not_booked' end
    from generate_series(1, 33) n`;
  // All calls of which nothing is missing are booked, and some of the others were booked since.
  await sql`insert into calls (org_id, id, provider, provider_account_id, provider_call_id, awaits_report)
    select ${orgId}, gen_random_uuid(), 'vapi', ${PLATFORM_ACCOUNT}, provider_call_id, false
    from provider_calls where missing is null or provider_call_id::int % 2 = 0`;
  const [account] = await read();
  const week = account?.days.slice(-8, -1) ?? [];
  const lacking = week.filter(({ missing }) => Object.keys(missing).length > 0).length;
  const uncompared = week.filter(({ compared }) => !compared).length;
  const calls = week.flatMap(({ missing }) => Object.values(missing)).reduce((all, one) => all + one, 0);
  expect([week.length, lacking > 0, uncompared > 0]).toEqual([7, true, error !== null]);
  expect(
    await sql`select org_id, days::int, calls::int, uncompared::int from call_ledger.incomplete_days(now())`,
  ).toEqual([{ org_id: orgId, days: lacking, calls, uncompared }]);
});

test.each([
  ["2025-03-09", "2025-03-09T05:00:00Z", "2025-03-10T04:00:00Z"],
  ["2025-11-02", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"],
])("%s, on which clocks change in New York, is from %s to %s", async (day, from, to) => {
  const { sql, orgId } = ledger;
  await sql`update organizations set time_zone = 'America/New_York'`;
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  for (const at of [begin - 1, begin, end - 1, end]) {
    await sql`insert into provider_calls (provider_account_id, provider_call_id, org_id, created_at, has_ended)
      values (${PLATFORM_ACCOUNT}, ${String(at)}, ${orgId}, ${new Date(at)}, true)`;
    await sql`insert into calls (org_id, id, provider, provider_account_id, provider_call_id, awaits_report)
      values (${orgId}, gen_random_uuid(), 'vapi', ${PLATFORM_ACCOUNT}, ${String(at)}, false)`;
  }
  for (const [since, until, complete] of [
    [begin, end, true],
    [begin + 1, end, false],
    [begin, end - 1, false],
  ] as const) {
    await sql`insert into reconciled_accounts (provider_account_id, provider, compared_since, compared_until)
      values (${PLATFORM_ACCOUNT}, 'vapi', ${new Date(since)}, ${new Date(until)})
      on conflict (provider_account_id) do update
        set compared_since = excluded.compared_since, compared_until = excluded.compared_until`;
    const [account] = await completenessOf(sql, orgId, { from: day, to: day }, end + DAY);
    expect(account?.days).toMatchObject([{ day, providerCalls: 2, complete }]);
  }
});

test("days can be chosen, and the answer has the form of the contract", async () => {
  const { day, at } = morning(4);
  ledger.call({ startedAt: at, outcome: "busy" });
  await ledger.reconcile();
  const [account] = await read(ledger.orgId, { from: day, to: day });
  expect(account?.days.map((one) => one.day)).toEqual([day]);
  const { days = [], timeZone, accountId, provider, comparedUntil } = account ?? {};
  const answer = {
    time_zone: timeZone,
    accounts: [
      {
        id: accountId,
        provider,
        compared_until: comparedUntil === null ? null : new Date(comparedUntil ?? 0).toISOString(),
        days_over: account?.daysOver,
        days_complete: account?.daysComplete,
        days: days.map(({ providerCalls, ...one }) => ({ ...one, provider_calls: providerCalls })),
      },
    ],
  };
  expect(completenessSchema.parse(answer)).toEqual(answer);
});
