import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "@call-ledger/db/testing";
import { createOrganizationFixture, testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { callOps, documentOf, runOps, spawnOps } from "./harness/run-ops.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let orgId: string;
let folder: string;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  ({ orgId } = await createOrganizationFixture(owner));
  folder = mkdtempSync(join(tmpdir(), "recordings-"));
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await owner.end();
  await db.drop();
});

beforeEach(async () => {
  await owner`delete from housekeeping_runs`;
  await owner`delete from processed_webhook_events`;
});

const environment = (more: Record<string, string> = {}) => ({
  DATABASE_URL: db.ownerUrl,
  STORAGE_PATH: folder,
  ...more,
});
const ops = (args: string[], more?: Record<string, string>) =>
  callOps(["housekeeping", ...args], environment(more));

async function oldEvents(count: number): Promise<void> {
  await owner`insert into processed_webhook_events
    (org_id, event_id, event_type, provider, provider_call_id, received_at, created_at, payload)
    select ${orgId}, 'old-' || n, 't', 'vapi', 'c', now(), now() - interval '40 days' + n * interval '1 second', 'x'
    from generate_series(1, ${count}::int) n`;
}

test("list has every job, before and after it has run", async () => {
  const before = documentOf(await ops(["list", "--json"]));
  expect(before.map(({ name }: { name: string }) => name)).toEqual([
    "overdue_calls",
    "changes_of_calls",
    "database_growth",
    "expired_leases",
    "quarantine_age",
    "expired_access",
    "alert_retention",
    "payload_retention",
    "event_retention",
    "comparison_retention",
    "orphan_objects",
  ]);
  expect(before[7]).toEqual({
    name: "payload_retention",
    every_seconds: 3_600,
    last_run_at: null,
    succeeded_at: null,
    took_ms: null,
    result: null,
    error: null,
    running: false,
    late: false,
    next_run_at: null,
  });

  await oldEvents(3);
  expect((await ops(["run", "payload_retention"])).code).toBe(0);
  const listed = documentOf(await ops(["list", "--json"]));
  const after = listed.find(({ name }: { name: string }) => name === "payload_retention");
  expect(after).toMatchObject({
    took_ms: expect.any(Number),
    result: { payloads_dropped: 3, kept_days: 30 },
    error: null,
  });
  expect(Date.parse(after.next_run_at) - Date.parse(after.last_run_at)).toBeGreaterThan(3_500_000);
  const { stdout } = await ops(["list"]);
  expect(stdout).toMatch(/^payload_retention +1 h .* ms .*payloads dropped 3/m);

  await owner`update housekeeping_runs set succeeded_at = now() - interval '4 hours', error = 'the database: 55P03'`;
  expect((await ops(["list"])).stdout).toContain("LATE: failed: the database: 55P03");
  await owner`update housekeeping_runs set lease_token = gen_random_uuid()`;
  expect((await ops(["list"])).stdout).toMatch(
    /^payload_retention .* failed: the database: 55P03 +running$/m,
  );
});

test("run --all runs all jobs and prints their results", async () => {
  await oldEvents(2);
  const all = await runOps(["housekeeping", "run", "--all", "--json"], environment());
  expect([all.code, all.stderr]).toEqual([0, ""]);
  const ended = documentOf(all);
  expect(ended).toHaveLength(11);
  expect(ended.every((run: { ended: string }) => run.ended === "done")).toBe(true);
  expect(ended[7]).toMatchObject({
    name: "payload_retention",
    result: { payloads_dropped: 2 },
    alert: null,
    error: null,
  });
  const told = await ops(["run", "event_retention", "database_growth"]);
  expect(told.stdout).toContain("event_retention …");
  expect(told.stdout).toContain("2 of 2 done.");
});

test("a job of another process is skipped; a failing job has its reason and exit code 1", async () => {
  await owner`insert into housekeeping_runs (name, every_seconds, lease_token, next_run_at)
    values ('event_retention', 60, gen_random_uuid(), now() + interval '1 minute')`;
  const busy = await ops(["run", "event_retention", "--json"]);
  expect([busy.code, documentOf(busy)[0].ended]).toEqual([1, "busy"]);
  const s3 = {
    STORAGE_DRIVER: "s3",
    S3_ENDPOINT: "http://127.0.0.1:1",
    S3_BUCKET: "b",
    S3_ACCESS_KEY_ID: "i",
    S3_SECRET_ACCESS_KEY: "k",
  };
  const failed = await ops(["run", "orphan_objects", "database_growth", "--json"], s3);
  expect([failed.code, documentOf(failed).map((run: { ended: string }) => run.ended)]).toEqual([
    1,
    ["failed", "done"],
  ]);
  expect(documentOf(failed)[0].error).toBe("the storage does not answer");
});

test("fewer retention days than the worker's are refused", async () => {
  await oldEvents(1);
  expect((await ops(["run", "payload_retention"], { PAYLOAD_RETENTION_DAYS: "90" })).code).toBe(0);
  const refused = await ops(["run", "payload_retention"]);
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining(
      "payload_retention keeps 90 days on the server, but PAYLOAD_RETENTION_DAYS is 30 here",
    ),
  ]);
  const [row] = await owner`select count(payload)::int as n from processed_webhook_events`;
  expect(row?.n).toBe(1);
});

test.each([
  { args: [], says: "Name each job, or use --all" },
  { args: ["--all", "event_retention"], says: "Name each job, or use --all" },
  { args: ["dusting"], says: "There is no job dusting. The jobs: overdue_calls" },
])("wrong usage: $args", async ({ args, says }) => {
  const { code, stderr } = await callOps(["housekeeping", "run", ...args], environment());
  expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
});

test("a wrong environment deletes nothing", async () => {
  await oldEvents(1);
  const wrong = await callOps(
    ["housekeeping", "run", "event_retention"],
    environment({ EVENT_RETENTION_DAYS: "-1" }),
  );
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("EVENT_RETENTION_DAYS must be")]);
  const [row] = await owner`select count(*)::int as n from processed_webhook_events`;
  expect(row?.n).toBe(1);
});

test("an interruption stops it between two batches, releases the run and prints how to continue", async () => {
  await oldEvents(2_000);
  const running = spawnOps(["housekeeping", "run", "payload_retention"], environment());
  const left = async () => {
    const [row] = await owner`select count(payload)::int as n from processed_webhook_events`;
    return Number(row?.n);
  };
  await vi.waitFor(async () => expect(await left()).toBeLessThan(2_000), { timeout: 60_000, interval: 20 });
  running.child.kill("SIGINT");
  const { code, stderr } = await running.finished;
  expect([code, stderr]).toEqual([4, expect.stringContaining("Run it again to continue")]);
  expect(await left()).toBeGreaterThan(0);
  const [row] = await owner`select lease_token, next_run_at <= now() as due from housekeeping_runs`;
  expect(row).toEqual({ lease_token: null, due: true });
}, 90_000);
