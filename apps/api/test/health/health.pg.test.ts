import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deliver, fixture, send } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { NO_STORAGE, startApi, untilReady } from "../harness/running-api.ts";
import { METRICS_TOKEN } from "../harness/scrape.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

let ledger: TestLedger;
let proxy: TcpProxy;
let api: RunningApi;

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  proxy = await tcpProxy(ledger.database.appUrl);
  api = await startApi(proxy.url, { ...NO_STORAGE, METRICS_TOKEN, RENDER_GIT_COMMIT: COMMIT });
  await untilReady(api);
});

afterAll(async () => {
  await proxy.set("pass");
  await api.stop();
  await proxy.stop();
  await ledger.drop();
});

const AUTHORIZED = { headers: { authorization: `Bearer ${METRICS_TOKEN}` } };
const health = () => send(`${api.url}/health`, AUTHORIZED);

test("the answer has the shape of the guide, and a missing part is false", async () => {
  // The first connections take longer than the health waits for.
  const received = await until(async () => {
    const first = await health();
    return Object(first.json).recordings !== null && first;
  }, "everything is measured");
  expect(received.status).toBe(200);
  expect(received.headers.get("content-type")).toBe("application/json");
  expect(received.json).toEqual({
    status: "degraded",
    database_size_mb: expect.any(Number),
    services: { database: true, supabase: false, backgroundJobs: false },
    database_fault: null,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    uptime: expect.any(Number),
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    commit: COMMIT,
    migration: { number: expect.any(Number), tag: expect.stringMatching(/^\d{4}_\w+$/) },
    queue: { depth: 0, oldest_age_seconds: null, dead: 0 },
    recordings: { pending: 0, waiting: 0, fetching: 0, stored: 0, failed: 0, expired: 0 },
    storage: { limit_mb: 500, growth_mb_per_day: null, days_left: null },
    last_event_at: null,
    quarantined: 0,
    attention: { stuck: 0, missing_report: 0, no_caller_speech: 0 },
    housekeeping: { late: [] },
  });
});

test("every number is measured", async () => {
  const [{ size } = {}] = await ledger.sql`select pg_database_size(current_database()) / 1048576.0 as size`;
  expect(Object((await health()).json).database_size_mb).toBeCloseTo(Number(size), 0);

  await deliver(api.url, fixture("vapi/16-inbound-end-of-call-report.json"));
  await deliver(api.url, Buffer.from("broken"));
  await ledger.sql`update recording_upload_queue set created_at = now() - interval '90 seconds' where channel = 'mono'`;
  await ledger.sql`update recording_upload_queue set status = 'failed' where channel = 'stereo'`;
  await ledger.sql`insert into background_heartbeats (name, last_run_at) values ('worker:test', now())`;
  const { json } = await health();
  const [{ latest } = {}] = await ledger.sql`select max(created_at) as latest from processed_webhook_events`;
  expect(json).toMatchObject({
    services: { database: true, supabase: false, backgroundJobs: true },
    queue: { depth: 1, oldest_age_seconds: expect.any(Number), dead: 1 },
    last_event_at: latest.toISOString(),
    quarantined: 1,
  });
  expect(Object(json).queue.oldest_age_seconds).toBeGreaterThanOrEqual(90);
  expect(Object(json).queue.oldest_age_seconds).toBeLessThan(120);

  await ledger.sql`update background_heartbeats set last_run_at = now() - interval '61 seconds'`;
  expect((await health()).json).toMatchObject({ services: { backgroundJobs: false } });
});

test.each(["", "Bearer ", "Bearer wrong", `Basic ${METRICS_TOKEN}`])(
  "a stranger (%s) sees the state, the release and the size, and no value that changes with calls",
  async (authorization) => {
    const { status, json } = await send(`${api.url}/health`, { headers: { authorization } });
    expect([status, json]).toEqual([
      200,
      {
        status: "degraded",
        database_size_mb: expect.any(Number),
        services: { database: true, supabase: false, backgroundJobs: false },
        database_fault: null,
        timestamp: expect.any(String),
        uptime: expect.any(Number),
        version: expect.any(String),
        commit: COMMIT,
        storage: { limit_mb: 500, growth_mb_per_day: null, days_left: null },
      },
    ]);
  },
);

test("without METRICS_TOKEN nobody sees the full answer", async () => {
  const closed = await startApi(ledger.database.appUrl, NO_STORAGE);
  await untilReady(closed);
  for (const authorization of ["", "Bearer ", "Bearer null", "Bearer undefined"]) {
    const { json } = await send(`${closed.url}/health`, { headers: { authorization } });
    expect(json).toHaveProperty("status");
    expect(json).not.toHaveProperty("quarantined");
  }
  await closed.stop();
});

test("recordings are counted by their state", async () => {
  const [{ org_id } = {}] = await ledger.sql`select org_id from recording_upload_queue limit 1`;
  const states = ["fetching", "fetching", "stored", "stored", "stored", "expired", "expired", "failed"];
  for (const [at, status] of states.entries()) {
    const id = `00000000-0000-4000-8000-00000000000${at}`;
    const layer = {
      org_id,
      id,
      provider: "vapi",
      provider_account_id: PLATFORM_ACCOUNT,
      provider_call_id: id,
    };
    await ledger.sql`insert into calls ${ledger.sql(layer)}`;
    await ledger.sql`insert into recording_upload_queue (org_id, call_id, channel, status, storage_path)
      values (${org_id}, ${id}, 'mono', ${status}, 'p')`;
  }
  const counted = { pending: 1, waiting: 0, fetching: 2, stored: 3, failed: 2, expired: 2 };
  await until(
    async () => JSON.stringify(Object(Object((await health()).json).recordings)) === JSON.stringify(counted),
    "the recordings are counted again",
  );
});

test("growth comes from the noted sizes, whichever process noted them", async () => {
  const [{ bytes } = {}] = await ledger.sql`select pg_database_size(current_database()) as bytes`;
  const noted = Number(bytes) - 10 * 1_048_576;
  await ledger.sql`insert into database_sizes (at, size_bytes) values
    (now() - interval '8 days', 1), (now() - interval '2 days', ${noted}), (now() - interval '1 hour', 1)`;
  const { storage } = Object((await health()).json);
  expect(storage.growth_mb_per_day).toBeGreaterThan(4.5);
  expect(storage.growth_mb_per_day).toBeLessThan(6);
  expect(storage.days_left).toBeGreaterThan(60);
});

test("a housekeeping job is late after three intervals without success, and not while it runs", async () => {
  const late = async () => Object((await health()).json).housekeeping.late;
  await ledger.sql`insert into housekeeping_runs (name, every_seconds, created_at, succeeded_at) values
    ('one', 60, now() - interval '1 day', now() - interval '170 seconds'),
    ('two', 60, now() - interval '1 day', now() - interval '190 seconds'),
    ('three', 60, now() - interval '190 seconds', null)`;
  expect(await late()).toEqual(["three", "two"]);
  await ledger.sql`update housekeeping_runs set lease_token = gen_random_uuid(), next_run_at = now() + interval '1 minute'
    where name = 'two'`;
  expect(await late()).toEqual(["three"]);
  await ledger.sql`delete from housekeeping_runs`;
});

/** Asks `/health`, and expects the answer for a database that cannot be reached, in time. */
async function expectUnreachable(): Promise<void> {
  const begun = performance.now();
  const received = await health();
  expect(performance.now() - begun).toBeLessThan(500);
  expect(received).toMatchObject({
    status: 503,
    json: {
      status: "error",
      database_size_mb: null,
      services: { database: false, supabase: false, backgroundJobs: false },
      migration: null,
      queue: null,
      recordings: null,
      last_event_at: null,
      quarantined: null,
      housekeeping: null,
    },
  });
}

/** Expects that `/health` recovers by itself. */
async function expectRecovery(): Promise<void> {
  const begun = performance.now();
  await until(async () => (await health()).status === 200, "the health is back");
  expect(performance.now() - begun).toBeLessThan(10_000);
}

// Retried, because another program on the same cores can delay it. A real fault fails each try.
test("a database that is gone is an error within 500 ms, in /health only", {
  retry: 2,
}, async () => {
  await proxy.set("refuse");
  await expectUnreachable();
  for (const path of ["/health/live", "/health/ready"]) {
    expect((await send(`${api.url}${path}`, {})).status, path).toBe(200);
  }
  await proxy.set("pass");
  await expectRecovery();
});

test("a database that hangs is an error within 500 ms, however often and for how long it is asked", {
  retry: 2,
}, async () => {
  await proxy.set("hang");
  const end = performance.now() + 3_000;
  while (performance.now() < end) await Promise.all(Array.from({ length: 10 }, expectUnreachable));
  await proxy.set("pass");
  await expectRecovery();
});

test("the database gets one question, however many clients ask", async () => {
  await Promise.all(Array.from({ length: 30 }, health));
  const sessions = () => ledger.sql`select pid from pg_stat_activity
    where application_name = 'call-ledger health' and datname = current_database()`;
  // Postgres may still be ending a session that was given up while it did not answer.
  await expect.poll(async () => (await sessions()).length).toBe(1);
});
