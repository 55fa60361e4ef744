import { openPool } from "@call-ledger/db/client";
import type { StoryFixture, TestDatabase } from "@call-ledger/db/testing";
import { createStoryFixture, deliveryToBook, KNOWN_FACTS, testDatabase } from "@call-ledger/db/testing";
import { recordDeliveries } from "@call-ledger/db/write";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";

/*
 * The queries of the deployment guide, as written there, run by a role that is not a superuser. Two of them name columns
 * that no Postgres has; they are run in their corrected form.
 */

let db: TestDatabase;
let owner: postgres.Sql;
let fixture: StoryFixture;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  fixture = await createStoryFixture(owner);
  const pool = openPool(db.appUrl, { max: 1, name: "guide" });
  const facts = KNOWN_FACTS;
  const event = {
    kind: "call.progressed" as const,
    phase: "ringing" as const,
    type: "status-update",
    occurredAt: null,
  };
  for (const call of ["g1", "g1", "g2"]) {
    await recordDeliveries(pool, [deliveryToBook(fixture, call, { account: 0, facts, event })], {
      transport: "literal",
      deadlineMs: 5_000,
    });
  }
  await pool.close(1_000);
});

afterAll(async () => {
  await owner.end();
  await db.drop();
});

test("they run as a role that is not a superuser and has no BYPASSRLS", async () => {
  const [me] = await owner`select rolsuper, rolbypassrls from pg_roles where rolname = current_user`;
  expect(me).toEqual({ rolsuper: false, rolbypassrls: false });
});

test("the three functions exist", async () => {
  const rows = await owner`
    SELECT routine_name FROM information_schema.routines
    WHERE routine_name LIKE 'create_inbound_call_atomically'
       OR routine_name LIKE 'update_call_completed_atomically'
       OR routine_name LIKE 'update_call_with_recording_atomically'`;
  expect(rows).toHaveLength(3);
});

test("the org_id constraints exist, one per table", async () => {
  const rows = await owner`
    select conname from pg_constraint
    where conrelid in ('call_logs'::regclass, 'call_tracking'::regclass, 'calls'::regclass, 'recording_upload_queue'::regclass)
      and contype = 'c' and conname like '%org_id%' order by 1`;
  expect(rows.map((row) => row.conname)).toEqual([
    "call_logs_org_id_not_null",
    "call_tracking_org_id_not_null",
    "calls_org_id_not_null",
    "recording_upload_queue_org_id_not_null",
  ]);
});

test("the composite indexes exist", async () => {
  const rows = await owner`
    SELECT indexrelname FROM pg_stat_user_indexes
    WHERE indexrelname IN ('idx_processed_events_org_event', 'idx_call_logs_org_vapi_call_id', 'idx_call_tracking_org_vapi_call_id')`;
  expect(rows).toHaveLength(3);
});

test("query 1: one row for each organization, and none without an organization", async () => {
  const rows = await owner`
    SELECT org_id, COUNT(*) as call_count
    FROM call_logs
    WHERE created_at > NOW() - INTERVAL '24 hours'
    GROUP BY org_id`;
  expect(rows.map((row) => ({ ...row }))).toEqual([{ org_id: fixture.orgId, call_count: "2" }]);
});

test("query 2: no event id exists twice", async () => {
  const rows = await owner`
    SELECT event_id, COUNT(*) as occurrences
    FROM processed_webhook_events
    GROUP BY event_id
    HAVING COUNT(*) > 1`;
  expect(rows).toHaveLength(0);
  const [all] = await owner`select count(*)::int as n from processed_webhook_events`;
  expect(all?.n).toBe(2);
});

test("query 3: no row without an organization", async () => {
  const rows = await owner`
    SELECT 'call_logs' as table_name, COUNT(*) as null_count
    FROM call_logs WHERE org_id IS NULL
    UNION ALL
    SELECT 'call_tracking', COUNT(*)
    FROM call_tracking WHERE org_id IS NULL
    UNION ALL
    SELECT 'calls', COUNT(*)
    FROM calls WHERE org_id IS NULL`;
  expect(rows.map((row) => row.null_count)).toEqual(["0", "0", "0"]);
});

test("the newest events have their organization", async () => {
  const rows = await owner`
    SELECT * FROM processed_webhook_events
    ORDER BY created_at DESC
    LIMIT 10`;
  expect(rows.map((row) => row.org_id)).toEqual([fixture.orgId, fixture.orgId]);
});
