import { randomUUID } from "node:crypto";
import { countDeliveries } from "@call-ledger/db/alerts";
import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import { workerSession } from "@call-ledger/db/jobs";
import type { TestDatabase } from "@call-ledger/db/testing";
import { PLATFORM_ACCOUNT, testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, vi } from "vitest";
import { alarmsJob } from "../../src/alerts/alarms.job.ts";
import type { EvaluationPorts } from "../../src/alerts/index.ts";
import { evaluateAlarms } from "../../src/alerts/index.ts";
import type { HousekeepingTurn } from "../../src/housekeeping/housekeeping-job.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const NOW = Date.UTC(2026, 2, 12, 15, 30);
const LIMIT_MB = 10_000;

export type Settings = Partial<Pick<EvaluationPorts, "databaseLimitMb" | "isPausedWhenIdle">>;

const ORG_ID = randomUUID();

/** In this order, because some refer to others. */
const EMPTIED = [
  "alarms",
  "alert_deliveries",
  "delivery_counts",
  "recording_upload_queue",
  "calls",
  "quarantined_deliveries",
  "processed_webhook_events",
  "housekeeping_runs",
  "background_heartbeats",
  "provider_calls",
  "reconciled_accounts",
  "agents",
];

/** Gives the tests of a file a ledger with one organization, a channel of it, and two workers that evaluate alarms. */
export function useAlarmLedger() {
  let db: TestDatabase;
  let sql: postgres.Sql;
  /** Two workers, each with its own connections. */
  let pools: Pool[];
  const channelId = randomUUID();

  beforeAll(async () => {
    db = await testDatabase();
    sql = postgres(db.ownerUrl, { max: 2, onnotice: () => undefined });
    pools = [1, 2].map((name) => openPool(db.appUrl, { max: 2, name: `worker ${name}` }));
    await sql`insert into organizations (id, name) values (${ORG_ID}, 'Northgate Plumbing')`;
    await sql`insert into alert_channels (id, org_id, kind, settings) values (${channelId}, ${ORG_ID}, 'slack', 'sealed')`;
  });

  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.close(1_000)));
    await sql.end();
    await db.drop();
  });

  beforeEach(async () => {
    for (const table of EMPTIED) await sql`delete from ${sql(table)}`;
    await sql`update alert_channels set failing_since = null, last_error = null`;
  });

  const evaluateWith = (pool: Pool, moment: number, settings: Settings = {}) =>
    evaluateAlarms({
      session: workerSession(pool, 5_000),
      databaseLimitMb: LIMIT_MB,
      isPausedWhenIdle: false,
      now: () => moment,
      ...settings,
    });

  /** Both workers evaluate at the same moment, three times each. */
  async function evaluate(moment: number, settings: Settings = {}): Promise<void> {
    await Promise.all([...pools, ...pools, ...pools].map((pool) => evaluateWith(pool, moment, settings)));
  }

  /** One worker evaluates once. */
  async function look(moment: number): Promise<void> {
    await evaluateWith(pools[0] as Pool, moment);
  }

  async function newsOf(condition: string): Promise<string[]> {
    const rows = await sql`
      select n ->> 'kind' as kind from alert_deliveries d cross join lateral jsonb_array_elements(d.news) n
      join alert_channels c on c.id = d.channel_id
      where n ->> 'condition' = ${condition} and c.kind = 'log' order by (n ->> 'at')`;
    return rows.map((row) => row.kind);
  }

  return {
    get sql() {
      return sql;
    },
    orgId: ORG_ID,
    channelId,
    evaluate,
    look,
    runJob: (clock: number) => runAlarmsJob(pools[0] as Pool, clock),
    newsOf,
    ...writers(
      () => sql,
      () => pools[0] as Pool,
    ),
  };
}

/** Runs the job of a worker whose clock shows this time. */
async function runAlarmsJob(pool: Pool, clock: number): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: clock });
  try {
    const { signal } = new AbortController();
    const unused = { storage: {}, limits: {}, byHand: false, progress: null, comeTo: () => undefined };
    const turn = { ...unused, session: workerSession(pool, 5_000), signal, now: () => clock };
    const job = alarmsJob({ databaseLimitMb: LIMIT_MB, isPausedWhenIdle: true }, 30);
    await job.run(turn as unknown as HousekeepingTurn);
  } finally {
    vi.useRealTimers();
  }
}

/** Functions that write the rows from which alarms are read. */
function writers(sql: () => postgres.Sql, pool: () => Pool) {
  const callAt = (at: number, more: Record<string, unknown> = {}) =>
    sql()`insert into calls ${sql()({
      org_id: ORG_ID,
      id: randomUUID(),
      provider: "vapi",
      provider_account_id: PLATFORM_ACCOUNT,
      provider_call_id: randomUUID(),
      created_at: new Date(at),
      ...more,
    })}`;

  const counts = (at: number, count: Partial<Parameters<typeof countDeliveries>[1][number]>) =>
    countDeliveries(
      pool(),
      [{ accountId: PLATFORM_ACCOUNT, at, accepted: 0, refused: 0, unproven: 0, failing: 0, ...count }],
      5_000,
    );

  async function recordingAt(more: Record<string, unknown>): Promise<void> {
    const id = randomUUID();
    await callAt(NOW, { id });
    await sql()`insert into recording_upload_queue ${sql()({ org_id: ORG_ID, call_id: id, channel: "mono", ...more })}`;
  }

  /** The platform's account, compared until an hour ago. */
  const compared = (more: object = {}) =>
    sql()`insert into reconciled_accounts ${sql()({
      provider_account_id: PLATFORM_ACCOUNT,
      provider: "vapi",
      created_at: new Date(NOW - 30 * DAY),
      compared_since: new Date(NOW - 30 * DAY),
      compared_until: new Date(NOW - HOUR),
      started_at: new Date(NOW - HOUR),
      finished_at: new Date(NOW - HOUR),
      ...more,
    })} on conflict do nothing`;

  /** An account of the organization that is compared in the same way. Returns its id. */
  async function ownAccount(more: object): Promise<string> {
    const id = randomUUID();
    await sql()`insert into provider_accounts (id, org_id, provider) values (${id}, ${ORG_ID}, 'vapi')`;
    await compared({ provider_account_id: id, org_id: ORG_ID, ...more });
    return id;
  }

  return { callAt, counts, recordingAt, compared, ownAccount };
}
