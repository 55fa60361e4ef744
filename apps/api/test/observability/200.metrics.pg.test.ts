import { randomUUID } from "node:crypto";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deliver, fixture, message, send } from "../harness/deliveries.ts";
import type { TestLedger } from "../harness/ledger.ts";
import { testLedger } from "../harness/ledger.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { NO_STORAGE, startApi, untilReady } from "../harness/running-api.ts";
import type { Samples } from "../harness/scrape.ts";
import { METRICS_TOKEN, scrape } from "../harness/scrape.ts";

const DAY = 86_400_000;

let ledger: TestLedger;
let proxy: TcpProxy;
let api: RunningApi;

beforeAll(async () => {
  ledger = await testLedger();
  await ledger.addAgent();
  proxy = await tcpProxy(ledger.database.appUrl);
  api = await startApi(proxy.url, { ...NO_STORAGE, METRICS_TOKEN, BODY_LIMIT_MB: "1" });
  await untilReady(api);
});

afterAll(async () => {
  await proxy.set("pass");
  await api.stop();
  await proxy.stop();
  await ledger.drop();
});

const deliveries = (samples: Samples, type: string, outcome: string) =>
  samples.get(`call_ledger_deliveries_total{provider="vapi",type="${type}",outcome="${outcome}"}`) ?? 0;

test("every delivery is counted once, by provider, type and outcome", async () => {
  const before = await scrape(api.url);
  const report = fixture("vapi/16-inbound-end-of-call-report.json");
  for (const body of [report, report, message("hang", "call-1"), message("conversation-update", "call-1")]) {
    expect((await deliver(api.url, body)).status).toBe(200);
  }
  await deliver(
    api.url,
    message("status-update", "call-2", { call: { id: "call-2", assistantId: "nobody" } }),
  );
  await send(api.url, { method: "POST", body: "{}" });
  await deliver(api.url, Buffer.alloc(1_100_000, " "));
  await send(`${api.url}/api/webhooks/vapi`, { method: "PUT" });
  await deliver(api.url, message("+12025550100", "call-1"));

  const counted = await until(async () => {
    const samples = await scrape(api.url);
    const of = (type: string, outcome: string) =>
      deliveries(samples, type, outcome) - deliveries(before, type, outcome);
    return of("other", "observed") === 1 && { samples, of };
  }, "the last delivery is counted");
  const { samples, of } = counted;
  expect({
    applied: of("end-of-call-report", "applied"),
    duplicate: of("end-of-call-report", "duplicate"),
    observed: of("hang", "observed"),
    chatter: of("conversation-update", "observed"),
    quarantined: of("status-update", "quarantined"),
    refused: of("none", "refused"),
    tooLarge: of("none", "too_large"),
    rejected: of("none", "rejected"),
  }).toEqual({
    applied: 1,
    duplicate: 1,
    observed: 1,
    chatter: 1,
    quarantined: 1,
    refused: 1,
    tooLarge: 1,
    rejected: 1,
  });
  expect(samples.get('call_ledger_quarantined_total{provider="vapi",reason="unknown_agent"}')).toBe(1);
  expect(samples.get('call_ledger_delivery_seconds_count{outcome="applied"}')).toBe(1);
  expect(samples.get('call_ledger_delivery_seconds_bucket{le="10",outcome="applied"}')).toBe(1);
});

test("batches, pools, the queue and the database have measured values", async () => {
  // Recordings are counted rarely, so the test waits for their count.
  const samples = await until(async () => {
    const found = await scrape(api.url);
    return found.get('call_ledger_recordings{state="pending"}') === 2 && found;
  }, "both recordings are counted");
  const at = (name: string) => samples.get(`call_ledger_${name}`);
  const written = at("batch_deliveries_sum") ?? 0;
  expect(written).toBeGreaterThanOrEqual(4);
  expect(at('write_seconds_count{result="committed"}')).toBe(at("batch_deliveries_count"));

  const [{ size, migrations } = {}] = await ledger.sql`select
    pg_database_size(current_database()) as size, (select version from call_ledger.schema_state) as migrations`;
  expect(Math.abs((at("database_size_bytes") ?? 0) - Number(size))).toBeLessThan(2 ** 20);
  expect(at("schema_migrations")).toBe(migrations);
  expect(at("database_up")).toBe(1);
  expect(at("storage_up")).toBe(0);
  expect(at("database_limit_bytes")).toBe(500 * 2 ** 20);
  expect(at("quarantined_deliveries")).toBe(1);
  expect(at("recording_queue_depth")).toBe(2);
  expect(at('recordings{state="stored"}')).toBe(0);
  expect(at('pool_connections_limit{pool="call-ledger deliveries"}')).toBe(5);
  expect(at('pool_queries{pool="call-ledger deliveries",state="running"}')).toBe(0);
  expect(at("write_queue_deliveries")).toBe(0);
  expect(at("nodejs_eventloop_lag_p99_seconds")).toBeGreaterThan(0);
  const age = Date.now() / 1000 - (at("last_event_timestamp_seconds") ?? 0);
  expect(age).toBeLessThan(60);
});

test("incomplete days, missing calls and repaired calls are counted", async () => {
  const account = { provider_account_id: PLATFORM_ACCOUNT, provider: "vapi" };
  const compared = { started_at: new Date(), finished_at: new Date(), compared_until: new Date() };
  const since = { compared_since: new Date(Date.now() - 30 * DAY) };
  await ledger.sql`insert into reconciled_accounts ${ledger.sql({ ...account, ...compared, ...since })}`;
  const listed = [
    { days: 3, missing: "not_booked", lacked: "call" },
    { days: 3, missing: "refused", lacked: "call" },
    { days: 4, missing: "refused", lacked: "call" },
    { days: 4, missing: "gone", lacked: null },
    { days: 0, missing: null, lacked: "report" },
  ];
  for (const [n, { days, ...note }] of listed.entries()) {
    await ledger.sql`insert into provider_calls ${ledger.sql({
      provider_account_id: PLATFORM_ACCOUNT,
      provider_call_id: `listed-${n}`,
      org_id: ledger.orgId,
      has_ended: true,
      created_at: new Date(Date.now() - days * DAY - 1),
      ...note,
    })}`;
  }
  const samples = await until(async () => {
    const found = await scrape(api.url);
    return (found.get("call_ledger_missing_calls") ?? 0) > 0 && found;
  }, "the missing calls are counted");
  const at = (name: string) => samples.get(`call_ledger_${name}`);
  expect([at("incomplete_days"), at("missing_calls")]).toEqual([2, 3]);
  expect(
    ["not_booked", "refused", "gone"].map((reason) => at(`missing_calls_by_reason{reason="${reason}"}`)),
  ).toEqual([1, 2, 1]);
  expect([at('repaired_calls{part="report"}'), at('repaired_calls{part="call"}')]).toEqual([1, 0]);
});

test("the calls of the last week are counted by account, organization and day, without any name", async () => {
  const [{ id: org } = {}] = await ledger.sql`
    insert into organizations (name, time_zone) values ('Southgate Dental', 'Pacific/Auckland') returning id`;
  const [{ id: account } = {}] = await ledger.sql`
    insert into provider_accounts (org_id, provider, name) values (${org}, 'vapi', 'Southgate') returning id`;
  await ledger.sql`insert into reconciled_accounts
      (provider_account_id, org_id, provider, compared_since, compared_until)
    values (${account}, ${org}, 'vapi', now() - interval '3 days', now())`;
  const listed = [
    { day: -1, lacked: "call", missing: "refused" },
    { day: -1, lacked: "call", missing: "gone" },
    { day: -1, lacked: "report", missing: null, provider_call_id: "booked" },
    { day: -7, lacked: "call", missing: "refused" },
    { day: -8, lacked: "call", missing: "refused" },
    { day: 0, lacked: "call", missing: "refused" },
  ];
  await ledger.sql`insert into calls (org_id, id, provider, provider_account_id, provider_call_id)
    values (${org}, gen_random_uuid(), 'vapi', ${account}, 'booked')`;
  for (const [n, { day, ...note }] of listed.entries()) {
    await ledger.sql`insert into provider_calls ${ledger.sql({
      provider_account_id: account,
      provider_call_id: `of-a-day-${n}`,
      org_id: org,
      has_ended: false,
      created_at: new Date(),
      ...note,
    })}`;
    await ledger.sql`update provider_calls set created_at =
        (date_trunc('day', now() at time zone 'Pacific/Auckland') + ${day} * interval '1 day' + interval '1 second')
        at time zone 'Pacific/Auckland'
      where provider_account_id = ${account} and provider_call_id = ${note.provider_call_id ?? `of-a-day-${n}`}`;
  }
  const samples = await until(async () => {
    const found = await scrape(api.url);
    return [...found.keys()].some((name) => name.includes(org)) && found;
  }, "the account's calls are counted");
  const days = await ledger.sql`
    select ((now() at time zone 'Pacific/Auckland')::date - n)::text as day from generate_series(0, 8) n`;
  const at = (name: string, daysAgo: number, label = "") =>
    samples.get(
      `call_ledger_account_${name}{account="${account}",organization="${org}",day="${days[daysAgo]?.day}"${label}}`,
    );
  expect([at("provider_calls", 1), at("ledger_calls", 1), at("compared", 1)]).toEqual([2, 1, 1]);
  expect([at("provider_calls", 2), at("ledger_calls", 2), at("compared", 7)]).toEqual([0, 0, 0]);
  expect([0, 7, 8].map((daysAgo) => at("provider_calls", daysAgo))).toEqual([undefined, 1, undefined]);
  expect(["report", "call"].map((part) => at("repaired_calls", 1, `,part="${part}"`))).toEqual([
    1,
    undefined,
  ]);
  expect(
    ["refused", "gone", "not_booked"].map((reason) => at("missing_calls", 1, `,reason="${reason}"`)),
  ).toEqual([1, 1, undefined]);
  expect([...samples.keys()].join()).not.toMatch(/Southgate|of-a-day/);
});

// Retried, because a write that waits for long is given up, and a busy machine may not look before. A real fault fails
// each try.
test("the metrics show a write that waits", { retry: 2 }, async () => {
  await ledger.sql.begin(async (sql) => {
    await sql`lock table processed_webhook_events in access exclusive mode`;
    const sent: Promise<unknown>[] = [];
    const send = (name: string) => sent.push(deliver(api.url, message("hang", `${name}-${randomUUID()}`)));
    const queueIs = (writing: number, deliveries: number) =>
      until(async () => {
        const samples = await scrape(api.url);
        const at = (name: string) => samples.get(`call_ledger_write_queue_${name}`) ?? 0;
        return (
          at("writing") === writing && at("deliveries") === deliveries && at("bytes") >= 150 * deliveries
        );
      }, `${writing} are being written and ${deliveries} wait`);
    send("first");
    await queueIs(1, 0);
    send("second");
    await queueIs(2, 0);
    send("third");
    send("fourth");
    await queueIs(2, 2);
    void Promise.allSettled(sent);
  });
});

// Retried, because another program on the same cores can delay it. A real fault fails each try.
test("if the database does not answer, its metrics are absent and the page still comes in time", {
  retry: 2,
}, async () => {
  await proxy.set("hang");
  const begun = performance.now();
  const samples = await scrape(api.url);
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect(samples.get("call_ledger_database_up")).toBe(0);
  expect(samples.has("call_ledger_database_size_bytes")).toBe(false);
  expect(samples.has("call_ledger_deliveries_total")).toBe(false);
  expect([...samples.keys()].some((name) => name.startsWith("call_ledger_deliveries_total{"))).toBe(true);
  await proxy.set("pass");
});
