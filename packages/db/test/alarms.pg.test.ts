import { randomUUID } from "node:crypto";
import type { AlarmSighting } from "@call-ledger/domain";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { claimAlerts, extendAlert, settleAlarms, settleAlert, trimAlerts } from "../src/alerts/index.ts";
import type { Pool } from "../src/client/index.ts";
import { openPool } from "../src/client/index.ts";
import { readAs } from "../src/read/reader-session.ts";
import type { TestDatabase } from "../src/testing/index.ts";
import { PLATFORM_ACCOUNT, testDatabase } from "../src/testing/index.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 86_400_000;
const NOW = Date.UTC(2026, 2, 12, 15);
const LEASE = { max: 10, leaseSeconds: 60 };

let db: TestDatabase;
let owner: postgres.Sql;
let pool: Pool;
const orgId = randomUUID();
const neighbour = randomUUID();

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 2 });
  pool = openPool(db.appUrl, { max: 4, name: "alarms test" });
  await owner`insert into organizations (id, name) values (${orgId}, 'Northgate'), (${neighbour}, 'next door')`;
});

afterAll(async () => {
  await pool.close(1_000);
  await owner.end();
  await db.drop();
});

beforeEach(async () => {
  await owner`delete from alarms`;
  await owner`delete from alert_deliveries`;
  await owner`delete from alert_channels where kind <> 'log'`;
});

const overdue: AlarmSighting = {
  condition: "calls_overdue",
  scope: `organization:${orgId}`,
  orgId,
  opens: true,
  figures: { calls: 7 },
};

const settle = (moment: number, ...sightings: AlarmSighting[]) =>
  pool.run(
    (sql) => settleAlarms(sql, sightings, { moment, quietSeconds: 900, repeatSeconds: 86_400 }),
    5_000,
  );
const told = async (channel = "log") => {
  const rows = await owner`select n ->> 'kind' as kind from alert_deliveries d
    join alert_channels c on c.id = d.channel_id and c.kind = ${channel}
    cross join lateral jsonb_array_elements(d.news) n order by n ->> 'at'`;
  return rows.map((row) => row.kind);
};
const open = async () => {
  const [alarm] = await owner`
    select id, acknowledged_by as "acknowledgedBy", muted_until as "mutedUntil" from alarms where closed_at is null`;
  if (alarm === undefined) throw new Error("no alarm is open");
  return alarm;
};

test("a sighting below the opening threshold keeps an open alarm open, and opens none", async () => {
  const weak = { ...overdue, opens: false };
  await settle(NOW, weak);
  expect(await told()).toEqual([]);
  await settle(NOW, overdue);
  await settle(NOW + 60 * MINUTE, weak);
  expect(await settle(NOW + 61 * MINUTE)).toEqual({ opened: 0, closed: 0 });
  expect(await settle(NOW + 75 * MINUTE)).toEqual({ opened: 0, closed: 1 });
  expect(await told()).toEqual(["opened", "closed"]);
});

test("an alarm that closes and returns within a quarter of an hour is one alarm", async () => {
  await settle(NOW, overdue);
  for (let minute = 1; minute < 60; minute += 1) {
    await settle(NOW + minute * MINUTE, ...(minute % 10 === 0 ? [overdue] : []));
  }
  expect(await told()).toEqual(["opened"]);
});

test("an acknowledged alarm is not repeated, and its end is sent", async () => {
  await settle(NOW, overdue);
  const { id } = await open();
  const acknowledge = async (who: string, of: string | null) => {
    const [row] = await owner`select call_ledger.acknowledge_alarm(${id}, ${of}, ${who}) as done`;
    return row?.done;
  };
  expect(await acknowledge("a neighbour", neighbour)).toBe(false);
  expect(await acknowledge("Dana", orgId)).toBe(true);
  expect(await acknowledge("Kim", null)).toBe(true);
  expect((await open()).acknowledgedBy).toBe("Dana");
  await settle(NOW + 2 * DAY, overdue);
  await settle(NOW + 3 * DAY);
  expect(await told()).toEqual(["opened", "closed"]);
});

test("an alarm that returns after its end is told and repeated anew, although the one before was acknowledged", async () => {
  await settle(NOW, overdue);
  const first = await open();
  await owner`select call_ledger.acknowledge_alarm(${first.id}, null, 'Dana')`;
  await settle(NOW + 15 * MINUTE);
  await settle(NOW + 16 * MINUTE, overdue);
  expect(await open()).toMatchObject({ acknowledgedBy: null, mutedUntil: null });
  await settle(NOW + 16 * MINUTE + DAY, overdue);
  expect(await told()).toEqual(["opened", "closed", "opened", "repeated"]);
});

const slack = () =>
  owner`insert into alert_channels (org_id, kind, settings) values (null, 'slack', 'sealed')`;

test("an alarm that was muted and acknowledged is neither told nor repeated when it returns in that time", async () => {
  const muted = (until: number) =>
    owner`select call_ledger.mute_alarm(id, null, ${new Date(until)}) from alarms where closed_at is null`;
  await slack();
  await settle(NOW, overdue);
  await muted(NOW + DAY);
  await owner`select call_ledger.acknowledge_alarm(id, null, 'Dana') from alarms`;
  await settle(NOW + HOUR);
  await settle(NOW + 2 * HOUR, overdue);
  expect(await open()).toMatchObject({ acknowledgedBy: null, mutedUntil: new Date(NOW + DAY) });
  await settle(NOW + 23 * HOUR, overdue);
  expect(await told("slack")).toEqual(["opened"]);
  // Whoever mutes the one that is open now decides for it.
  await muted(NOW + 3 * HOUR);
  await settle(NOW + 23 * HOUR, overdue);
  expect(await told("slack")).toEqual(["opened", "opened"]);
});

test("a muted alarm, and the next one of its kind, sends no messages until the time is over; the log has its end", async () => {
  await slack();
  await settle(NOW, overdue);
  const { id } = await open();
  const mute = async (of: string) => {
    const until = new Date(NOW + 3 * DAY);
    const [row] = await owner`select call_ledger.mute_alarm(${id}, ${of}, ${until}) as done`;
    return row?.done;
  };
  expect(await mute(neighbour)).toBe(false);
  expect(await mute(orgId)).toBe(true);
  await settle(NOW + DAY);
  await settle(NOW + 2 * DAY, overdue);
  expect([await told("slack"), await told()]).toEqual([["opened"], ["opened", "closed"]]);
  // An alarm of which nobody heard has no end to tell.
  await settle(NOW + 2 * DAY + HOUR);
  await settle(NOW + 2 * DAY + 2 * HOUR, overdue);
  expect(await told()).toEqual(["opened", "closed"]);
  await settle(NOW + 3 * DAY, overdue);
  expect([await told("slack"), await told()]).toEqual([
    ["opened", "opened"],
    ["opened", "closed", "opened"],
  ]);
});

test("members see their organization's alarms and channels, and no settings", async () => {
  await owner`insert into alert_channels (org_id, kind, settings) values (${orgId}, 'slack', 'sealed')`;
  await settle(NOW, overdue, { ...overdue, condition: "worker_silent", scope: "installation", orgId: null });
  const seen = (who: string) =>
    readAs(
      pool,
      who,
      async (sql) => {
        const count = async (table: string) => (await sql.unsafe(`select id from ${table}`)).length;
        return [await count("alarms"), await count("alert_channels")];
      },
      5_000,
    );
  expect(await seen(orgId)).toEqual([1, 1]);
  expect(await seen(neighbour)).toEqual([0, 0]);
  await expect(
    readAs(pool, orgId, (sql) => sql.unsafe("select settings from alert_channels"), 5_000),
  ).rejects.toMatchObject({ code: "42501" });
});

test("alarms that open together give one message for each channel", async () => {
  await owner`insert into alert_channels (org_id, kind, settings) values (${orgId}, 'slack', 'sealed'), (${neighbour}, 'slack', 'sealed')`;
  const others = ["a", "b", "c"].map((name) => ({ ...overdue, scope: `account:${name}`, orgId: null }));
  await settle(NOW, overdue, ...others);
  const rows = await owner`select c.org_id, jsonb_array_length(d.news) as news
    from alert_deliveries d join alert_channels c on c.id = d.channel_id order by news`;
  expect(rows.map((row) => [row.org_id, row.news])).toEqual([
    [orgId, 1],
    [null, 4],
  ]);
});

test("a message is held by one process, and is due again when its lease ends", async () => {
  await settle(NOW, overdue);
  const claims = await Promise.all([1, 2, 3, 4].map(() => pool.run((sql) => claimAlerts(sql, LEASE), 5_000)));
  const [alert, ...others] = claims.flat();
  expect(others).toEqual([]);
  if (alert === undefined) throw new Error("nothing was claimed");
  await owner`update alert_deliveries set next_attempt_at = now()`;
  const [again] = await pool.run((sql) => claimAlerts(sql, LEASE), 5_000);
  expect(again).toMatchObject({ id: alert.id, attempts: 2, kind: "log", settings: null });
  // A process that lost the message can neither keep nor settle it.
  expect(await pool.run((sql) => extendAlert(sql, alert, 60), 5_000)).toBe(false);
  expect(await pool.run((sql) => settleAlert(sql, alert, { verdict: "sent", reason: null }), 5_000)).toBe(
    false,
  );
  if (again === undefined) throw new Error("nothing was claimed");
  expect(await pool.run((sql) => settleAlert(sql, again, { verdict: "sent", reason: null }), 5_000)).toBe(
    true,
  );
});

test("old counts are deleted, except the one that shows since when an account is silent", async () => {
  await owner`delete from delivery_counts`;
  await owner`insert into delivery_counts (provider_account_id, at, accepted)
    select ${PLATFORM_ACCOUNT}, ${new Date(NOW)}::timestamptz - n * interval '1 day', 1 from generate_series(3, 9) n`;
  expect(await pool.run((sql) => trimAlerts(sql, NOW, 1_000), 5_000)).toBe(6);
  const rows = await owner`select at from delivery_counts`;
  expect(rows.map((row) => row.at)).toEqual([new Date(NOW - 3 * DAY)]);
});
