import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE, NOW, useAlarmLedger } from "./harness/alarm-ledger.ts";

const ledger = useAlarmLedger();
const { look, callAt, counts } = ledger;

type Minute = Partial<Parameters<typeof counts>[1]>;

/** Looks every 15 minutes from NOW on, after the deliveries of each. Returns `opened` and `closed` with their hours. */
async function newsOf(condition: string, hours: number, deliveriesOf: (minutes: number) => Minute[]) {
  for (let minutes = 0; minutes < hours * 60; minutes += 15) {
    for (const minute of deliveriesOf(minutes)) await counts(NOW + minutes * MINUTE, minute);
    await look(NOW + minutes * MINUTE);
  }
  const rows = await ledger.sql`
    select opened_at, closed_at from alarms where condition = ${condition} order by opened_at`;
  const hourOf = (at: Date) => (at.getTime() - NOW) / HOUR;
  return rows.map((row) => [hourOf(row.opened_at), row.closed_at && hourOf(row.closed_at)]);
}

const every = (period: number, minutes: number, minute: Minute) => (minutes % period === 0 ? [minute] : []);

test("one of two assistants with a wrong secret is one alarm, which ends three hours after its last wrong proof", async () => {
  const repaired = 30 * 60;
  const news = await newsOf("signatures_refused", 36, (minutes) => [
    ...every(30, minutes + 15, { accepted: 4 }),
    ...(minutes < repaired ? every(90, minutes, { refused: 6 }) : []),
  ]);
  expect(news).toEqual([[0, 31.75]]);
});

test("a wrong secret whose calls come every five hours is two alarms at most", async () => {
  const repaired = 40 * 60;
  const news = await newsOf("signatures_refused", 60, (minutes) => [
    ...every(30, minutes + 15, { accepted: 4 }),
    ...(minutes < repaired ? every(300, minutes, { refused: 6 }) : []),
  ]);
  expect(news).toEqual([
    [0, 2],
    [5, 45.25],
  ]);
});

test("a repaired secret is told soon after the first accepted deliveries", async () => {
  const news = await newsOf("signatures_refused", 8, (minutes) =>
    every(15, minutes, minutes < 240 ? { refused: 2 } : { accepted: 2 }),
  );
  expect(news).toEqual([[0.5, 5.75]]);
});

test.each<[string, Minute, number, number]>([
  ["four wrong proofs an hour and none accepted", { refused: 4 }, 60, 1],
  ["sixteen deliveries a day without proof and none accepted", { unproven: 1 }, 90, 28.5],
])("a slow drift of %s opens an alarm", async (_drift, minute, period, opened) => {
  const news = await newsOf("signatures_refused", 48, (minutes) => every(period, minutes, minute));
  expect(news).toEqual([[opened, null]]);
});

test("an account of which a few deliveries get through stays silent until the usual calls come", async () => {
  for (let week = 1; week < 7; week += 1) {
    for (let call = -12; call < 140; call += 1) await callAt(NOW - 7 * DAY * week + call * 6 * MINUTE);
  }
  await counts(NOW - HOUR, { accepted: 6 });
  const repaired = 10 * 60;
  for (let minutes = 45; minutes < repaired; minutes += 45) await callAt(NOW + minutes * MINUTE);
  for (let minutes = repaired; minutes < 13 * 60; minutes += 6) await callAt(NOW + minutes * MINUTE);
  const news = await newsOf("no_deliveries", 13, (minutes) =>
    every(minutes < repaired ? 45 : 15, minutes, { accepted: minutes > 0 ? 6 : 0 }),
  );
  expect(news).toEqual([[0, 10.75]]);
});

test("calls that only the provider's list brought do not end a silence", async () => {
  for (let week = 1; week < 7; week += 1) {
    for (let call = -12; call < 40; call += 1) await callAt(NOW - 7 * DAY * week + call * 6 * MINUTE);
  }
  await counts(NOW - HOUR, { accepted: 6 });
  for (let minutes = 0; minutes < 180; minutes += 6) {
    const id = `listed ${minutes}`;
    await callAt(NOW + minutes * MINUTE, { provider_call_id: id });
    await ledger.sql`insert into provider_calls
      (provider_account_id, provider_call_id, created_at, has_ended, lacked)
      select id, ${id}, ${new Date(NOW + minutes * MINUTE)}, true, 'call' from provider_accounts where org_id is null`;
  }
  const news = await newsOf("no_deliveries", 3, (minutes) =>
    every(45, minutes - 45, { accepted: minutes ? 1 : 0 }),
  );
  expect(news).toEqual([[0, null]]);
});
