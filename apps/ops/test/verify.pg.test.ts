import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { BookedLedger } from "./harness/booked-ledger.ts";
import { bookedLedger } from "./harness/booked-ledger.ts";
import { callOps, documentOf, runOps } from "./harness/run-ops.ts";
import { startServer, untilHealthy } from "./harness/running-server.ts";
import { HEALTHY, standInServer } from "./harness/stand-in.server.ts";

let ledger: BookedLedger;
beforeAll(async () => {
  ledger = await bookedLedger();
});
afterEach(async () => {
  if (ledger.isBroken()) ledger = await ledger.replaced();
});
afterAll(() => ledger.drop());

type Item = {
  readonly id: string;
  readonly ok: boolean;
  readonly found: string;
  readonly next: string | null;
};

async function verify(...args: string[]) {
  const env = { DATABASE_URL: ledger.database.ownerUrl };
  const finished = await callOps(["verify", ...args, "--json"], env);
  const document = documentOf(finished);
  const failed: Item[] = document.checks.filter(({ ok }: Item) => !ok);
  return { ...finished, document, failed, failedIds: failed.map(({ id }) => id) };
}

const LOOSE_EVENTS = `alter table processed_webhook_events drop constraint idx_processed_events_org_event;
  alter table processed_webhook_events alter org_id drop not null;`;
const loose = (
  table: string,
  fkey: string,
) => `alter table ${table} drop constraint ${fkey}, drop constraint ${table}_pkey,
  drop constraint ${table}_org_id_not_null; alter table ${table} alter org_id drop not null;
  update ${table} set org_id = null where provider_call_id = 'call-1';`;
const CALLS_TWICE = `alter table calls drop constraint calls_org_provider_call_key;
  insert into calls (org_id, id, provider, provider_account_id, provider_call_id)
  select org_id, gen_random_uuid(), provider, provider_account_id, provider_call_id from calls limit 1;`;

/**
 * Each check with the statements that make it fail. They run as the superuser, because no other role could run them.
 */
const BREAKS: Readonly<Record<string, string>> = {
  migrations_applied:
    "delete from drizzle.__drizzle_migrations where id = (select max(id) from drizzle.__drizzle_migrations)",
  schema_as_committed: "alter table calls no force row level security",
  rpc_functions_exist: "drop function public.update_call_completed_atomically",
  org_id_constraints_exist: "alter table call_logs drop constraint call_logs_org_id_not_null",
  composite_indexes_exist: "alter table call_tracking drop constraint idx_call_tracking_org_vapi_call_id",
  database_writable: `do $$ begin
    execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`,
  newest_events_have_org_id: `${LOOSE_EVENTS} update processed_webhook_events set org_id = null`,
  query_1_org_id_isolation: loose("call_logs", "call_logs_call_fkey"),
  query_2_idempotency: `${LOOSE_EVENTS} insert into processed_webhook_events select * from processed_webhook_events`,
  query_3_no_null_org_ids: `${LOOSE_EVENTS} update processed_webhook_events set org_id = null`,
  valid_webhooks_without_errors: `insert into quarantined_deliveries
    (provider, provider_account_id, reason, event_type, content_key, received_at)
    values ('vapi', '00000000-0000-4000-8000-000000000001', 'refused', 'status-update', 'k', now())`,
  no_duplicate_calls: CALLS_TWICE,
  every_call_in_three_tables: "delete from call_logs where provider_call_id = 'call-2'",
  summary_matches_layers:
    "update calls set customer_number = '+12025550199' where provider_call_id = 'call-2'",
};

test.each(Object.entries(BREAKS))("%s fails on a database that is broken for it", async (id, statements) => {
  await ledger.breakWith(statements);
  const { code, failed } = await verify();
  const item = failed.find((one) => one.id === id);
  expect([code, item?.next]).toEqual([1, expect.stringMatching(/\w/)]);
  expect(JSON.stringify(failed)).not.toContain("5550199");
});

test("database_size fails if the size is near the limit", async () => {
  const env = { DATABASE_URL: ledger.database.ownerUrl, DATABASE_LIMIT_MB: "10" };
  const { code, stdout } = await callOps(["verify"], env);
  expect([code, stdout]).toEqual([1, expect.stringMatching(/FAILED {2}database_size: [\d.]+ of 10 MB/)]);
});

test("a good database passes every check that a case above fails; the newest events are shown", async () => {
  const { code, document, failedIds, failed } = await verify();
  expect(failed).toEqual([]);
  expect([code, document.ok, failedIds]).toEqual([0, true, []]);
  const ids = document.checks.map(({ id }: Item) => id);
  expect(ids.sort()).toEqual([...Object.keys(BREAKS), "database_size"].sort());
  const found = Object.fromEntries(document.checks.map(({ id, found: said }: Item) => [id, said]));
  expect(found).toMatchObject({
    newest_events_have_org_id: "4 events, 0 without org_id",
    query_1_org_id_isolation: "calls: 2, organizations: 1, calls of none: 0",
    every_call_in_three_tables: "2 calls",
    summary_matches_layers: "2 calls",
  });
  expect(document.newest_events).toHaveLength(4);
  expect(document.newest_events[0]).toEqual({
    event_id: expect.stringMatching(/^(reported|progressed):/),
    event_type: expect.any(String),
    org_id: ledger.fixture.orgId,
    created_at: expect.stringMatching(/Z$/),
  });
});

/**
 * The deployment guide's queries, as far as their answers are fixed; two of them name columns that no Postgres has, and
 * are corrected.
 */
const GUIDE: readonly (readonly [query: string, rows: readonly (readonly unknown[])[]])[] = [
  [
    `SELECT routine_name FROM information_schema.routines
    WHERE routine_name LIKE 'create_inbound_call_atomically'
       OR routine_name LIKE 'update_call_completed_atomically'
       OR routine_name LIKE 'update_call_with_recording_atomically' ORDER BY 1`,
    [
      ["create_inbound_call_atomically"],
      ["update_call_completed_atomically"],
      ["update_call_with_recording_atomically"],
    ],
  ],
  [
    `SELECT count(*)::int FROM pg_stat_user_indexes WHERE indexrelname IN
    ('idx_processed_events_org_event', 'idx_call_logs_org_vapi_call_id', 'idx_call_tracking_org_vapi_call_id')`,
    [[3]],
  ],
  [
    `SELECT count(*)::int FROM pg_constraint WHERE contype = 'c' AND conname LIKE '%org_id%' AND conrelid IN
    ('call_logs'::regclass, 'call_tracking'::regclass, 'calls'::regclass, 'recording_upload_queue'::regclass)`,
    [[4]],
  ],
  ["SELECT COUNT(*) FROM call_logs WHERE created_at > NOW() - INTERVAL '24 hours' GROUP BY org_id", [["2"]]],
  ["SELECT event_id, COUNT(*) FROM processed_webhook_events GROUP BY event_id HAVING COUNT(*) > 1", []],
  [
    `SELECT 'call_logs' as table_name, COUNT(*) as null_count FROM call_logs WHERE org_id IS NULL
    UNION ALL SELECT 'call_tracking', COUNT(*) FROM call_tracking WHERE org_id IS NULL
    UNION ALL SELECT 'calls', COUNT(*) FROM calls WHERE org_id IS NULL`,
    [
      ["call_logs", "0"],
      ["call_tracking", "0"],
      ["calls", "0"],
    ],
  ],
];

test("the deployment guide's own queries say the same, to a login that bypasses nothing", async () => {
  const owner = postgres(ledger.database.ownerUrl, { max: 1 });
  const [me] =
    await owner`select rolsuper or rolbypassrls as mighty from pg_roles where rolname = current_user`;
  expect(me).toEqual({ mighty: false });
  for (const [query, rows] of GUIDE) expect([...(await owner.unsafe(query).values())], query).toEqual(rows);
  await owner.end();
});

test("a stale call is named, and the check changes nothing", async () => {
  await ledger.breakWith("update calls set duration_seconds = 7 where provider_call_id = 'call-1'");
  const first = await verify();
  const second = await verify();
  expect(first.failed).toEqual(second.failed);
  expect(first.failed.map(({ id, found }) => [id, found])).toEqual([
    ["summary_matches_layers", expect.stringMatching(/^1 of 2 calls differ, such as [0-9a-f-]{36}$/)],
  ]);
});

test("a call with a mark of the clock, and one from before awaits_report, are not stale", async () => {
  await ledger.breakWith(
    `update calls set attention = '{stuck}', awaits_report = nullif(awaits_report, false)`,
  );
  expect((await verify()).failed).toEqual([]);
});

test("drift of the trigger that keeps operations apart", async () => {
  await ledger.breakWith("drop trigger one_operation on drizzle.__drizzle_migrations");
  const { failed } = await verify();
  expect(failed.map(({ id, found }) => [id, found])).toEqual([
    ["schema_as_committed", "missing: -- trigger one_operation of Drizzle's journal"],
  ]);
});

test("objects of other applications are ignored, but a second function of a name is not", async () => {
  await ledger.breakWith(`create table public.theirs (id integer primary key);
    create function public.their_function() returns integer language sql as 'select 1'`);
  expect((await verify()).failedIds).toEqual([]);
  await ledger.breakWith(`create function public.update_call_completed_atomically(text) returns integer
    language sql as 'select 1'; create index theirs_on_calls on calls (customer_number)`);
  const { failed } = await verify();
  expect(failed.map(({ id }) => id)).toEqual(["schema_as_committed", "rpc_functions_exist"]);
  expect(failed[0]?.found).toContain("added: CREATE INDEX theirs_on_calls ON public.calls");
});

test("a login that may not see every row gets no answer", async () => {
  const { code, stdout } = await callOps(["verify"], { DATABASE_URL: ledger.database.appUrl });
  expect(code).toBe(1);
  expect(
    stdout.match(/^FAILED .*: This login does not have the right to do that\. Set DIRECT_DATABASE_URL/gm),
  ).toHaveLength(1);
  expect(stdout).toMatch(/^Skipped because of that: .*query_3_no_null_org_ids.*summary_matches_layers/m);
  expect(stdout).not.toMatch(/^ok {6}(query_|every_call|summary_)/m);
});

test("a database that has never been migrated fails, and only its size and its writes are checked", async () => {
  const empty = await emptyDatabase();
  const finished = await callOps(["verify", "--json"], { DATABASE_URL: empty.ownerUrl });
  await empty.drop();
  const { checks } = documentOf(finished);
  const held = checks.filter(({ ok }: Item) => ok).map(({ id }: Item) => id);
  expect([finished.code, held]).toEqual([1, ["database_writable", "database_size"]]);
});

test("with a running server its criteria are checked too, and all pass", async () => {
  const storage = mkdtempSync(join(tmpdir(), "verify-test-"));
  const server = await startServer(ledger.database.appUrl, storage);
  await untilHealthy(server);
  const env = { DATABASE_URL: ledger.database.appUrl, DIRECT_DATABASE_URL: ledger.database.ownerUrl };
  const { code, stdout, stderr } = await runOps(["verify", server.url], env);
  await server.kill();
  rmSync(storage, { recursive: true });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("ok      health_endpoint: 200, status ok, every service true");
  expect(stdout).toContain("ok      invalid_signature_refused: 401");
  expect(stdout).toContain(`  ${ledger.fixture.orgId}  reported:`);
});

const [worker, slow] = [{ ...HEALTHY.services, backgroundJobs: false }, { afterMs: 510 }];
test.each([
  ["health_endpoint", { status: 200, body: { ...HEALTHY, status: "degraded", services: worker } }],
  ["health_endpoint", { status: 200, body: { hello: "world" } }],
  ["health_endpoint", { status: 503, body: { ...HEALTHY, status: "error" } }],
  ["health_database_size", { status: 200, body: { ...HEALTHY, database_size_mb: 0 } }],
  ["health_response_time", { status: 200, body: HEALTHY, ...slow }],
])("only %s fails with another answer of the server", async (id, answer) => {
  const server = await standInServer({ health: () => answer });
  const { code, failedIds } = await verify(server.url);
  server.stop();
  expect([code, failedIds]).toEqual([1, [id]]);
});

test("invalid_signature_refused fails on a server that accepts everything", async () => {
  const health = () => ({ status: 200, body: HEALTHY });
  const server = await standInServer({ health, webhook: () => ({ status: 200, body: { received: true } }) });
  const { failed } = await verify(server.url);
  server.stop();
  expect(failed.map(({ id, next }) => [id, next])).toEqual([
    ["invalid_signature_refused", expect.stringContaining("The server does not verify signatures")],
  ]);
});

test("an unreachable server or database is exit code 3; the database is asked once", async () => {
  const env = { DATABASE_URL: "postgres://owner:a-password@127.0.0.1:1/ledger" };
  const away = await callOps(["verify", "http://127.0.0.1:1", "--json"], env);
  expect(away.code).toBe(3);
  expect(away.stdout).not.toContain("a-password");
  expect(new Set(documentOf(away).checks.map(({ ok }: Item) => ok))).toEqual(new Set([false]));
  expect((await callOps(["verify", "localhost"], env)).code).toBe(2);
  expect((await callOps(["verify", "http://a.test", "http://b.test"], env)).code).toBe(2);
});
