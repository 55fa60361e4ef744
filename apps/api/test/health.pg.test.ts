import { afterAll, beforeAll, expect, test } from "vitest";
import { deliver, fixture, send } from "./harness/deliveries.ts";
import type { TestLedger } from "./harness/ledger.ts";
import { testLedger } from "./harness/ledger.ts";
import type { RunningApi } from "./harness/running-api.ts";
import { NO_STORAGE, startApi, until, untilReady } from "./harness/running-api.ts";
import type { TcpProxy } from "./harness/tcp-proxy.ts";
import { tcpProxy } from "./harness/tcp-proxy.ts";

let ledger: TestLedger;
let proxy: TcpProxy;
let api: RunningApi;

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  proxy = await tcpProxy(ledger.database.appUrl);
  api = await startApi(proxy.url, NO_STORAGE);
  await untilReady(api);
});

afterAll(async () => {
  await proxy.set("pass");
  await api.stop();
  await proxy.stop();
  await ledger.drop();
});

const health = () => send(`${api.url}/health`, {});

test("it has the guide's shape, and what is not there is false", async () => {
  const received = await health();
  expect(received.status).toBe(200);
  expect(received.headers.get("content-type")).toBe("application/json");
  expect(received.json).toEqual({
    status: "degraded",
    database_size_mb: expect.any(Number),
    services: { database: true, supabase: false, backgroundJobs: false },
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    uptime: expect.any(Number),
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    migration: { number: expect.any(Number), tag: expect.stringMatching(/^\d{4}_\w+$/) },
    queue: { depth: 0, oldest_age_seconds: null, dead: 0 },
    storage: { limit_mb: 500, growth_mb_per_day: null, days_left: null },
    last_event_at: null,
    quarantined: 0,
  });
});

test("the version says which commit was deployed, where that is known", async () => {
  const commit = "3f9c2a71b0d4e8865a17c90b2e44d1f07a3b6c59";
  const deployed = await startApi(proxy.url, { ...NO_STORAGE, RENDER_GIT_COMMIT: commit });
  const { json } = await send(`${deployed.url}/health`, {});
  await deployed.stop();
  expect(Object(json).version).toMatch(/^\d+\.\d+\.\d+\+3f9c2a71b0d4$/);
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

/** Asks, and expects what has to be said of a database that cannot be reached, in time. */
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
      last_event_at: null,
      quarantined: null,
    },
  });
}

/** Expects that it recovers by itself. */
async function expectRecovery(): Promise<void> {
  const begun = performance.now();
  await until(async () => (await health()).status === 200, "the health is back");
  expect(performance.now() - begun).toBeLessThan(10_000);
}

test("a database that is gone is an error within 500 ms, and only /health says so", async () => {
  await proxy.set("refuse");
  await expectUnreachable();
  for (const path of ["/health/live", "/health/ready"]) {
    expect((await send(`${api.url}${path}`, {})).status, path).toBe(200);
  }
  await proxy.set("pass");
  await expectRecovery();
});

test("a database that hangs is an error within 500 ms, however often and for how long it is asked", async () => {
  await proxy.set("hang");
  const end = performance.now() + 4_000;
  while (performance.now() < end) await Promise.all(Array.from({ length: 10 }, expectUnreachable));
  await proxy.set("pass");
  await expectRecovery();
});

test("there is one question at the database, however many ask", async () => {
  await Promise.all(Array.from({ length: 30 }, health));
  const sessions = await ledger.sql`select pid from pg_stat_activity
    where application_name = 'call-ledger health' and datname = current_database()`;
  expect(sessions).toHaveLength(1);
});
