import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { countDeliveries } from "@call-ledger/db/alerts";
import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import { workerSession } from "@call-ledger/db/jobs";
import type { TestDatabase } from "@call-ledger/db/testing";
import { PLATFORM_ACCOUNT, testDatabase } from "@call-ledger/db/testing";
import { ALARM_CONDITIONS, runbookOf } from "@call-ledger/domain";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { EvaluationPorts } from "../src/alerts/index.ts";
import { evaluateAlarms } from "../src/alerts/index.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 2, 12, 15, 30);
const LIMIT_MB = 10_000;

let db: TestDatabase;
let sql: postgres.Sql;
/** Two workers, each with its own connections. */
let pools: Pool[];
const orgId = randomUUID();
const channelId = randomUUID();

beforeAll(async () => {
  db = await testDatabase();
  sql = postgres(db.ownerUrl, { max: 2, onnotice: () => undefined });
  pools = [1, 2].map((name) => openPool(db.appUrl, { max: 2, name: `worker ${name}` }));
  await sql`insert into organizations (id, name) values (${orgId}, 'Northgate Plumbing')`;
  await sql`insert into alert_channels (id, org_id, kind, settings) values (${channelId}, ${orgId}, 'slack', 'sealed')`;
});

afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close(1_000)));
  await sql.end();
  await db.drop();
});

beforeEach(async () => {
  for (const table of ["alarms", "alert_deliveries", "delivery_counts", "recording_upload_queue", "calls"]) {
    await sql`delete from ${sql(table)}`;
  }
  for (const table of [
    "quarantined_deliveries",
    "processed_webhook_events",
    "housekeeping_runs",
    "background_heartbeats",
    "provider_calls",
    "reconciled_accounts",
    "agents",
  ]) {
    await sql`delete from ${sql(table)}`;
  }
  await sql`update alert_channels set failing_since = null, last_error = null`;
});

type Settings = Partial<Pick<EvaluationPorts, "databaseLimitMb" | "isPausedWhenIdle">>;

/** Both workers evaluate at the same moment, three times each. */
async function evaluate(moment: number, settings: Settings = {}): Promise<void> {
  const looks = [...pools, ...pools, ...pools].map((pool) =>
    evaluateAlarms({
      session: workerSession(pool, 5_000),
      databaseLimitMb: LIMIT_MB,
      isPausedWhenIdle: false,
      now: () => moment,
      ...settings,
    }),
  );
  await Promise.all(looks);
}

async function newsOf(condition: string): Promise<string[]> {
  const rows = await sql`
    select n ->> 'kind' as kind from alert_deliveries d cross join lateral jsonb_array_elements(d.news) n
    join alert_channels c on c.id = d.channel_id
    where n ->> 'condition' = ${condition} and c.kind = 'log' order by (n ->> 'at')`;
  return rows.map((row) => row.kind);
}

const callAt = (at: number, more: Record<string, unknown> = {}) =>
  sql`insert into calls ${sql({
    org_id: orgId,
    id: randomUUID(),
    provider: "vapi",
    provider_account_id: PLATFORM_ACCOUNT,
    provider_call_id: randomUUID(),
    created_at: new Date(at),
    ...more,
  })}`;

const counts = (at: number, count: Partial<Parameters<typeof countDeliveries>[1][number]>) =>
  countDeliveries(
    pools[0] as Pool,
    [{ accountId: PLATFORM_ACCOUNT, at, accepted: 0, refused: 0, unproven: 0, failing: 0, ...count }],
    5_000,
  );

async function recordingAt(more: Record<string, unknown>): Promise<void> {
  const id = randomUUID();
  await callAt(NOW, { id });
  await sql`insert into recording_upload_queue ${sql({ org_id: orgId, call_id: id, channel: "mono", ...more })}`;
}

/** The platform's account, compared until an hour ago. */
const compared = (more: object = {}) =>
  sql`insert into reconciled_accounts ${sql({
    provider_account_id: PLATFORM_ACCOUNT,
    provider: "vapi",
    compared_since: new Date(NOW - 30 * DAY),
    compared_until: new Date(NOW - HOUR),
    started_at: new Date(NOW - HOUR),
    finished_at: new Date(NOW - HOUR),
    ...more,
  })} on conflict do nothing`;

type Case = {
  /** Makes the condition hold at a moment. It is called again a day later. */
  cause(moment: number): Promise<unknown>;
  cure?(): Promise<unknown>;
  /** The settings while the condition holds. */
  settings?: (bytes: number) => Settings;
};

const FAULT = "call.in-progress.error-vapifault-worker-died";

/** All conditions, with the cause of each. */
const CASES: Record<(typeof ALARM_CONDITIONS)[number], Case> = {
  no_deliveries: {
    async cause(moment) {
      if (moment > NOW) return;
      for (let week = 0; week < 6; week += 1) {
        for (let call = 0; call < 6; call += 1)
          await callAt(NOW - 7 * DAY * week - HOUR + call * 10 * MINUTE);
      }
      await callAt(NOW - 60 * DAY);
      await sql`delete from calls where created_at > ${new Date(NOW - DAY)}`;
      await counts(NOW - HOUR, { accepted: 5 });
    },
    cure: () => counts(NOW + DAY, { accepted: 1 }),
  },
  signatures_refused: { cause: (moment) => counts(moment - 5 * MINUTE, { refused: 6 }) },
  deliveries_failing: { cause: (moment) => counts(moment - 5 * MINUTE, { failing: 6 }) },
  provider_failures: {
    async cause(moment) {
      const ending = {
        phase: "ended",
        outcome: "failed",
        ended_reason: FAULT,
        ended_at: new Date(moment - MINUTE),
      };
      for (let call = 0; call < 10; call += 1) await callAt(moment - 3 * MINUTE, ending);
    },
  },
  calls_overdue: {
    async cause(moment) {
      for (let call = 0; call < 6; call += 1) await callAt(moment - HOUR, { attention: ["stuck"] });
    },
    cure: () => sql`update calls set attention = '{}'`,
  },
  days_incomplete: {
    async cause(moment) {
      await compared();
      await sql`insert into provider_calls
        (provider_account_id, provider_call_id, org_id, created_at, has_ended, missing)
        values (${PLATFORM_ACCOUNT}, ${String(moment)}, ${orgId}, ${new Date(moment - 2 * DAY)}, true, 'not_booked')`;
    },
    cure: () => sql`update provider_calls set missing = null`,
  },
  quarantine_growing: {
    cause: (moment) => sql`insert into quarantined_deliveries
      (provider, provider_account_id, reason, event_type, content_key, received_at)
      values ('vapi', ${PLATFORM_ACCOUNT}, 'unknown_agent', 't', ${String(moment)}, ${new Date(moment - 2 * HOUR)})`,
    cure: () => sql`update quarantined_deliveries set replayed_at = now()`,
  },
  recordings_given_up: {
    cause: (moment) => recordingAt({ status: "failed", finished_at: new Date(moment - MINUTE) }),
    cure: () => sql`delete from recording_upload_queue`,
  },
  recordings_expiring: {
    cause: (moment) => recordingAt({ last_error: "HTTP 500", deadline: new Date(moment + HOUR) }),
    cure: () => sql`delete from recording_upload_queue`,
  },
  worker_silent: {
    cause: (moment) => sql`insert into background_heartbeats (name, last_run_at)
      values ('worker:1', ${new Date(moment - 3 * MINUTE)})
      on conflict (name) do update set last_run_at = excluded.last_run_at`,
    cure: () => sql`update background_heartbeats set last_run_at = ${new Date(NOW + 2 * DAY)}`,
  },
  database_filling: {
    cause: async () => undefined,
    settings: (bytes) => ({ databaseLimitMb: bytes / 0.9 / 1_048_576 }),
  },
  database_idle: {
    cause: () => sql`insert into processed_webhook_events
      (org_id, event_id, event_type, provider, provider_call_id, received_at, created_at)
      values (${orgId}, 'e:1', 't', 'vapi', 'c', now(), ${new Date(NOW - 6.5 * DAY)}) on conflict do nothing`,
    settings: () => ({ isPausedWhenIdle: true }),
  },
  certificate_expiring: {
    cause: (moment) => sql`insert into housekeeping_runs (name, every_seconds, succeeded_at, result)
      values ('certificate', 21600, ${new Date(moment)}, '{"days_left": 10}')
      on conflict (name) do update set succeeded_at = excluded.succeeded_at`,
    cure: () => sql`update housekeeping_runs set result = '{"days_left": 80}'`,
  },
  channel_failing: {
    cause: () =>
      sql`update alert_channels set failing_since = ${new Date(NOW - HOUR)} where id = ${channelId}`,
    cure: () => sql`update alert_channels set failing_since = null`,
  },
};

test.each(ALARM_CONDITIONS)(
  "%s: opens once with two workers, is repeated after a day, and closes",
  async (condition) => {
    const { cause, cure, settings } = CASES[condition];
    const [size] = await sql`select pg_database_size(current_database())::float8 as bytes`;
    const holds = settings?.(Number(size?.bytes)) ?? {};
    await evaluate(NOW - 10 * MINUTE, {});
    expect(await newsOf(condition)).toEqual([]);

    await cause(NOW);
    await evaluate(NOW, holds);
    const [alarm, ...others] = await sql`select * from alarms where condition = ${condition}`;
    expect(others).toEqual([]);
    expect(alarm).toMatchObject({ opened_at: new Date(NOW), notified_at: new Date(NOW), closed_at: null });
    expect(await newsOf(condition)).toEqual(["opened"]);

    await cause(NOW + 23 * HOUR);
    await evaluate(NOW + 23 * HOUR, holds);
    expect(await newsOf(condition)).toEqual(["opened"]);
    await cause(NOW + DAY);
    await evaluate(NOW + DAY, holds);
    expect(await newsOf(condition)).toEqual(["opened", "repeated"]);

    await cure?.();
    await evaluate(NOW + DAY + 10 * MINUTE);
    const after = NOW + DAY + 3 * HOUR;
    if (condition === "no_deliveries") await counts(after - MINUTE, { accepted: 1 });
    await evaluate(after);
    expect(await newsOf(condition)).toEqual(["opened", "repeated", "closed"]);
    const rows = await sql`select closed_at from alarms where condition = ${condition}`;
    expect(rows.map((row) => row.closed_at?.getTime())).toEqual([after]);
  },
);

test.each(ALARM_CONDITIONS)("%s has a runbook", (condition) => {
  const page = new URL(`../../../${runbookOf(condition)}`, import.meta.url);
  expect(existsSync(page)).toBe(true);
});

const incomplete = () => sql`select scope, org_id, figures from alarms where condition = 'days_incomplete'`;

// The time is 15:30.
test.each([
  ["an hour after its day", { created_at: -20 * HOUR }, -14.5 * HOUR, 1],
  ["half an hour after its day", { created_at: -20 * HOUR }, -15 * HOUR, 0],
  ["on its day", { created_at: -2 * HOUR }, 0, 0],
  ["after a week", { created_at: -9 * DAY }, 0, 0],
  ["that is booked by now", { created_at: -2 * DAY, missing: null }, 0, 0],
  ["whose agent nobody has", { created_at: -2 * DAY, org_id: null, missing: "unknown_agent" }, 0, 0],
])(
  "a call that the provider has and the ledger lacks, %s",
  async (_when, { created_at: ago, ...call }, now, alarms) => {
    await compared();
    await sql`insert into provider_calls ${sql({
      provider_account_id: PLATFORM_ACCOUNT,
      provider_call_id: "c",
      org_id: orgId,
      has_ended: true,
      missing: "gone",
      created_at: new Date(NOW + ago),
      ...call,
    })}`;
    await evaluate(NOW + now);
    const alarm = { scope: `organization:${orgId}`, org_id: orgId, figures: { days: 1, calls: 1 } };
    expect(await incomplete()).toEqual(Array(alarms).fill(alarm));
  },
);

test.each([
  ["fails", { error: "HTTP 401" }, 1],
  ["is due", {}, 0],
  [
    "was ended with the account's key, a week ago",
    { error: "HTTP 401", started_at: new Date(NOW - 7 * DAY) },
    0,
  ],
])("days that were not compared, because the comparison %s", async (_why, account, alarms) => {
  await compared({ compared_until: new Date(NOW - 2.5 * DAY), ...account });
  await evaluate(NOW);
  const alarm = { scope: `account:${PLATFORM_ACCOUNT}`, org_id: null, figures: { days: 2, calls: 0 } };
  expect(await incomplete()).toEqual(Array(alarms).fill(alarm));
});

const silences = () => sql`select opened_at, closed_at from alarms where condition = 'no_deliveries'`;

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
    await sql`update organizations set time_zone = 'America/New_York' where id = ${orgId}`;
    await sql`insert into agents (org_id, provider_account_id, provider_agent_id)
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
