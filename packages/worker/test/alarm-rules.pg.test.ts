import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE, NOW, useAlarmLedger } from "./harness/alarm-ledger.ts";

const ledger = useAlarmLedger();
const { orgId, evaluate, callAt, counts, compared, ownAccount } = ledger;

const incomplete = () =>
  ledger.sql`select scope, org_id, figures from alarms where condition = 'days_incomplete'`;

// The time is 15:30.
test.each([
  ["an hour after its day", { created_at: -20 * HOUR }, -14.5 * HOUR, 1],
  ["half an hour after its day", { created_at: -20 * HOUR }, -15 * HOUR, 0],
  ["on its day", { created_at: -2 * HOUR }, 0, 0],
  ["after a week", { created_at: -9 * DAY }, 0, 0],
  ["that is compared and booked by now", { created_at: -2 * DAY, missing: null }, 0, 0],
  ["that a webhook brought by now", { created_at: -2 * DAY, provider_call_id: "reported" }, 0, 0],
  ["that is known and has no report", { created_at: -2 * DAY, provider_call_id: "unreported" }, 0, 1],
  ["that the provider no longer has", { created_at: -2 * DAY, missing: "gone" }, 0, 0],
  ["whose agent nobody has", { created_at: -2 * DAY, org_id: null, missing: "unknown_agent" }, 0, 0],
])(
  "a call that the provider has and the ledger lacks, %s",
  async (_when, { created_at: ago, ...call }, now, alarms) => {
    await compared();
    await callAt(NOW - 2 * DAY, { provider_call_id: "reported", awaits_report: false });
    await callAt(NOW - 2 * DAY, { provider_call_id: "unreported", awaits_report: true });
    await ledger.sql`insert into provider_calls ${ledger.sql({
      provider_account_id: PLATFORM_ACCOUNT,
      provider_call_id: "c",
      org_id: orgId,
      has_ended: true,
      missing: "not_booked",
      created_at: new Date(NOW + ago),
      ...call,
    })}`;
    await evaluate(NOW + now);
    const figures = { days: 1, calls: 1, uncompared: 0 };
    const alarm = { scope: `organization:${orgId}`, org_id: orgId, figures };
    expect(await incomplete()).toEqual(Array(alarms).fill(alarm));
  },
);

test.each([
  ["fails", { error: "HTTP 401" }, 2],
  ["is due for a day at most", { compared_until: new Date(NOW - 1.5 * DAY) }, 0],
  ["has stopped without an error", {}, 1],
  ["stopped more than a week ago", { error: "HTTP 401", started_at: new Date(NOW - 9 * DAY) }, 0],
])("days that were not compared, because the comparison %s", async (_why, account, days) => {
  await compared({ compared_until: new Date(NOW - 2.5 * DAY), ...account });
  await evaluate(NOW);
  const figures = { days: 0, calls: 0, uncompared: days };
  const alarm = { scope: `account:${PLATFORM_ACCOUNT}`, org_id: null, figures };
  expect(await incomplete()).toEqual(Array(Math.min(1, days)).fill(alarm));
});

test("days that lack calls and days that were not compared are two figures", async () => {
  await compared({ compared_until: new Date(NOW - 2.5 * DAY), error: "HTTP 401" });
  const accountId = await ownAccount({ compared_until: new Date(NOW - 2.5 * DAY), error: "HTTP 401" });
  await ledger.sql`insert into provider_calls
    (provider_account_id, provider_call_id, org_id, created_at, has_ended, missing)
    values (${accountId}, 'c', ${orgId}, ${new Date(NOW - 4 * DAY)}, true, 'not_booked')`;
  await evaluate(NOW);
  expect(await incomplete()).toContainEqual({
    scope: `account:${accountId}`,
    org_id: orgId,
    figures: { days: 1, calls: 1, uncompared: 2 },
  });
});

const silences = () => ledger.sql`select opened_at, closed_at from alarms where condition = 'no_deliveries'`;

test("an account with three calls a week is silent for longer than usual after ten days, and not before", async () => {
  // Monday 10:00, Wednesday 14:00 and Friday 11:00 of ten weeks.
  const monday = Date.UTC(2026, 2, 2, 10);
  for (let week = 0; week < 10; week += 1) {
    for (const hours of [0, 52, 97]) await callAt(monday - 7 * DAY * week + hours * HOUR);
  }
  const last = monday + 97 * HOUR;
  for (let hours = 1; hours < 9 * 24 + 23; hours += 7) await evaluate(last + hours * HOUR);
  expect(await silences()).toEqual([]);
  await evaluate(last + 10 * DAY);
  expect(await silences()).toHaveLength(1);
});

test.each([
  ["ten minutes before nine", -10, 0],
  ["half an hour after nine, without a call", 31, 1],
])(
  "on the day after the clocks are set back, an account that is called from nine on, %s",
  async (_when, minutes, alarms) => {
    // In New York 09:00 was 13:00 UTC until October 31, 2026, and is 14:00 UTC since.
    await ledger.sql`update organizations set time_zone = 'America/New_York' where id = ${orgId}`;
    await ledger.sql`insert into agents (org_id, provider_account_id, provider_agent_id)
    values (${orgId}, ${PLATFORM_ACCOUNT}, 'front')`;
    const nine = Date.UTC(2026, 10, 2, 14);
    for (let week = 1; week < 7; week += 1) {
      for (let call = 0; call < 6; call += 1) await callAt(nine - HOUR - 7 * DAY * week + call * 5 * MINUTE);
    }
    await callAt(nine - 60 * DAY);
    await counts(nine - 10 * HOUR, { accepted: 1 });
    await evaluate(nine + minutes * MINUTE);
    expect(await silences()).toHaveLength(alarms);
  },
);

test("a drifted secret stays an alarm without further deliveries, until one is accepted", async () => {
  const { sql } = ledger;
  const isOpen = async () => {
    const [row] =
      await sql`select closed_at is null as open from alarms where condition = 'signatures_refused'`;
    return row?.open;
  };
  const contact = (verifiedAt: number, refusal: string) => sql`
    insert into account_contacts (provider_account_id, last_verified_at, last_refused_at, last_refusal)
    values (${PLATFORM_ACCOUNT}, ${new Date(verifiedAt)}, ${new Date(NOW)}, ${refusal})
    on conflict (provider_account_id) do update set
      last_verified_at = excluded.last_verified_at, last_refusal = excluded.last_refusal`;
  await contact(NOW - DAY, "wrong_proof");
  await counts(NOW, { refused: 6 });
  await evaluate(NOW);
  await evaluate(NOW + 3 * HOUR);
  expect(await isOpen()).toBe(true);
  await contact(NOW + 3 * HOUR, "wrong_proof");
  await counts(NOW + 3 * HOUR, { accepted: 1 });
  await evaluate(NOW + 4 * HOUR);
  expect(await isOpen()).toBe(false);
  await contact(NOW - DAY, "no_proof");
  await counts(NOW + DAY, { refused: 6 });
  await evaluate(NOW + DAY);
  await evaluate(NOW + DAY + 13 * HOUR);
  expect(
    (await sql`select from alarms where condition = 'signatures_refused' and closed_at is null`).length,
  ).toBe(0);
  await sql`delete from account_contacts`;
});

test("a worker whose clock is a year ahead opens no alarm and closes none", async () => {
  const { sql } = ledger;
  await sql`insert into background_heartbeats (name, last_run_at) values ('worker:1', now())`;
  await sql`insert into processed_webhook_events
    (org_id, event_id, event_type, provider, provider_call_id, received_at, created_at)
    values (${orgId}, 'e:1', 't', 'vapi', 'c', now(), now())`;
  for (let call = 0; call < 6; call += 1) await callAt(Date.now() - HOUR, { attention: ["stuck"] });
  await ledger.runJob(Date.now());
  await ledger.runJob(Date.now() + 365 * DAY);
  const alarms = await sql`select condition, closed_at, last_seen_at <= now() as "isPast" from alarms`;
  expect(alarms).toEqual([{ condition: "calls_overdue", closed_at: null, isPast: true }]);
});
