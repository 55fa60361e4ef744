import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import { workerSession } from "@call-ledger/db/jobs";
import { recordingStorage } from "@call-ledger/storage";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { housekeeper } from "../src/housekeeping/housekeeper.ts";
import type { HousekeepingJob, HousekeepingPorts } from "../src/housekeeping/housekeeping-job.ts";
import { HOUSEKEEPING_JOBS, runNextJob } from "../src/housekeeping/index.ts";
import { payloadRetention } from "../src/housekeeping/payload-retention.job.ts";
import { childWorker } from "./harness/child-worker.ts";
import { configFor, workerFor } from "./harness/running-worker.ts";
import { useSetting } from "./harness/use-setting.ts";

const NAMES = HOUSEKEEPING_JOBS.map(({ name }) => name).toSorted();
/** A retention job that pauses after each batch needs one or two seconds for these. */
const OLD_EVENTS = 2_000;
const NEVER = new AbortController().signal;
const SILENT = { info: () => undefined, warn: () => undefined };
const BY_HAND = { byHand: true, stop: NEVER };

let pool: Pool;
let ports: HousekeepingPorts;

const setting = useSetting();

beforeAll(async () => {
  pool = openPool(setting.calls.database.appUrl, { max: 6, name: "housekeeping test" });
  ports = {
    session: workerSession(pool, 5_000),
    storage: recordingStorage(configFor(setting)),
    limits: {
      payloadRetentionDays: 30,
      eventRetentionDays: 400,
      databaseLimitMb: 500,
      overdue: { beforeConnectionSeconds: 600, inProgressSeconds: 2_100, reportSeconds: 900 },
    },
    now: Date.now,
  };
});

afterAll(async () => {
  await pool.close(1_000);
});

beforeEach(async () => {
  await setting.calls.sql`delete from housekeeping_runs`;
  await setting.calls.sql`delete from processed_webhook_events`;
});

/** Another part of the worker runs `alarms`. */
const rows = () => setting.calls.sql`select * from housekeeping_runs where name <> 'alarms' order by name`;
const rowOf = async (name: string) => (await rows()).find((row) => row.name === name);

/** Creates events of 40 days ago, one for each second. */
async function oldEvents(count: number): Promise<void> {
  await setting.calls.sql`insert into processed_webhook_events
    (org_id, event_id, event_type, provider, provider_call_id, received_at, created_at, payload)
    select ${setting.calls.orgId}, 'old-' || n, 't', 'vapi', 'c', now(),
      now() - interval '40 days' + n * interval '1 second', decode(repeat('ab', 50), 'hex')
    from generate_series(1, ${count}::int) n`;
}

async function payloadsLeft(): Promise<number> {
  const [row] = await setting.calls.sql`select count(payload)::int as n from processed_webhook_events`;
  return Number(row?.n);
}

test("a worker runs all due jobs, and no other worker repeats them", async () => {
  await oldEvents(1_200);
  const worker = workerFor(setting);
  await until(
    async () => {
      const all = await rows();
      return all.length === NAMES.length && all.every((row) => row.succeeded_at !== null);
    },
    "every job has run",
    60,
  );
  const first = await rows();
  expect(first.map((row) => row.name)).toEqual(NAMES);
  expect(first.every((row) => row.lease_token === null && row.error === null)).toBe(true);
  expect(await rowOf("payload_retention")).toMatchObject({
    result: { payloads_dropped: 1_200, kept_days: 30 },
  });
  expect(await payloadsLeft()).toBe(0);
  let looks = 0;
  const session: HousekeepingPorts["session"] = {
    run(query) {
      looks += 1;
      return ports.session.run(query);
    },
  };
  const second = housekeeper(HOUSEKEEPING_JOBS, { ...ports, session }, SILENT, 5);
  await until(() => looks > 5, "another process has looked several times");
  await second.stop(2_000);
  expect((await rows()).map((row) => row.finished_at)).toEqual(first.map((row) => row.finished_at));
  await worker.stop(2_000);
  expect(worker.lines.join()).toContain("Housekeeping done");
});

test("many processes never run a job at the same time", async () => {
  let running = 0;
  let max = 0;
  let runs = 0;
  const probe: HousekeepingJob = {
    name: "probe",
    everySeconds: 0,
    async run() {
      running += 1;
      max = Math.max(max, running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
      runs += 1;
      return { result: {}, changed: 0, alert: null };
    },
  };
  const keepers = Array.from({ length: 4 }, () => housekeeper([probe], ports, SILENT, 5));
  await until(() => runs > 30, "the job has run often", 60);
  await Promise.all(keepers.map((keeper) => keeper.stop(2_000)));
  expect(max).toBe(1);
});

test("a killed worker keeps its run while the lease lasts, then another worker finishes it", async () => {
  await oldEvents(OLD_EVENTS);
  const child = childWorker(setting);
  await until(
    async () => {
      const left = await payloadsLeft();
      return left > 0 && left < OLD_EVENTS;
    },
    "the retention is under way",
    60,
  ).catch((error) => {
    throw new Error(`${error}: ${child.errors()}`);
  });
  await child.kill();
  const left = await payloadsLeft();
  expect(left).toBeGreaterThan(0);
  expect((await rowOf("payload_retention"))?.lease_token).not.toBeNull();
  expect(await runNextJob([payloadRetention], ports, BY_HAND)).toBeNull();

  await setting.calls.sql`update housekeeping_runs set next_run_at = now()`;
  const run = await runNextJob([payloadRetention], ports, { byHand: false, stop: NEVER });
  expect(run).toMatchObject({ ended: "done", result: { payloads_dropped: left } });
  expect(await payloadsLeft()).toBe(0);
}, 90_000);

test("a stopping worker gives its run back with its progress, and the next one continues from there", async () => {
  await oldEvents(OLD_EVENTS);
  const stop = new AbortController();
  const running = runNextJob([payloadRetention], ports, { byHand: false, stop: stop.signal });
  await until(async () => (await payloadsLeft()) < OLD_EVENTS, "the retention is under way", 60);
  stop.abort();
  expect(await running).toMatchObject({ ended: "stopped" });
  const row = await rowOf("payload_retention");
  expect(row).toMatchObject({
    lease_token: null,
    finished_at: null,
    progress: { reached: expect.any(String) },
  });
  const left = await payloadsLeft();
  expect(left).toBeGreaterThan(0);

  // Events before the mark are not checked again, except in a run by hand.
  await setting.calls.sql`update processed_webhook_events set payload = 'x' where event_id = 'old-1'`;
  const next = await runNextJob([payloadRetention], ports, { byHand: false, stop: NEVER });
  expect(next).toMatchObject({ ended: "done", result: { payloads_dropped: left } });
  const byHand = await runNextJob([payloadRetention], ports, BY_HAND);
  expect(byHand).toMatchObject({ ended: "done", result: { payloads_dropped: 1 } });
}, 90_000);

test("a run that another process has taken over ends, and books nothing", async () => {
  const waiting: HousekeepingJob = {
    name: "waiting",
    everySeconds: 60,
    async run({ signal }) {
      await setting.calls.sql`update housekeeping_runs set lease_token = gen_random_uuid()`;
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      throw new Error("unreachable");
    },
  };
  const run = await runNextJob([waiting], ports, { byHand: false, stop: NEVER, leaseSeconds: 1 });
  expect(run).toMatchObject({ ended: "lost" });
  expect(await rowOf("waiting")).toMatchObject({ finished_at: null, lease_token: expect.any(String) });
});

test("a failure is booked in words, is logged once, and does not stop other jobs", async () => {
  const config = {
    STORAGE_DRIVER: "s3" as const,
    S3_ENDPOINT: "http://127.0.0.1:1/a-secret-path",
    S3_BUCKET: "b",
    S3_ACCESS_KEY_ID: "i",
    S3_SECRET_ACCESS_KEY: "k",
  };
  const worker = workerFor(setting, { config, timing: { housekeepingMs: 50 } });
  const failed = async () => (await rowOf("orphan_objects"))?.error ?? false;
  expect(await until(failed, "the job has failed", 60)).toBe("the storage does not answer");
  await setting.calls
    .sql`update housekeeping_runs set error = null, next_run_at = now() where name = 'orphan_objects'`;
  expect(await until(failed, "the job has failed again", 60)).toBe("the storage does not answer");
  await worker.stop(3_000);
  expect((await rows()).filter((row) => row.succeeded_at !== null)).toHaveLength(NAMES.length - 1);
  const told = worker.lines.filter((line) => line.startsWith("Housekeeping failed"));
  expect(told).toHaveLength(1);
  expect(worker.lines.join()).not.toContain("secret");
}, 90_000);

test("deliveries that wait for more than a day are logged, with the command that shows them", async () => {
  await setting.calls.sql`insert into quarantined_deliveries
    (provider, provider_account_id, reason, event_type, content_key, received_at)
    select 'vapi', id, 'no_call', 't', 'k', now() - interval '50 hours' from provider_accounts limit 1`;
  const worker = workerFor(setting);
  const alert = await until(
    () => worker.lines.find((line) => line.includes("in quarantine")) ?? false,
    "somebody is told",
    60,
  );
  expect(alert).toContain(
    "1 delivery waits in quarantine, the oldest for 2 days: ops quarantine list shows why",
  );
  await worker.stop(2_000);
  expect((await rowOf("quarantine_age"))?.result).toMatchObject({ waiting: 1, oldest_days: 2.08 });
  await setting.calls.sql`delete from quarantined_deliveries`;
});

test("leases that no process took over are given back, and recordings that were given up are counted", async () => {
  const call = await setting.calls.queue({ sourceUrl: "https://elsewhere.test/a.wav", channel: "stereo" });
  const gone = await setting.calls.queue({ sourceUrl: "https://elsewhere.test/b.wav", channel: "stereo" });
  await setting.calls
    .sql`update recording_upload_queue set status = 'fetching', lease_token = gen_random_uuid(),
    lease_until = now() - interval '2 minutes', next_attempt_at = now() - interval '2 minutes',
    object_held_until = now() - interval '1 minute' where call_id = ${call.callId}`;
  await setting.calls.sql`update recording_upload_queue set status = 'failed' where call_id = ${gone.callId}`;
  const [leases] = HOUSEKEEPING_JOBS.filter(({ name }) => name === "expired_leases");
  const run = await runNextJob(leases === undefined ? [] : [leases], ports, BY_HAND);
  expect(run).toMatchObject({
    result: { given_back: 1, pending: 1, waiting: 0, fetching: 0, failed: 1, expired: 0 },
  });
  const [row] = await setting.calls
    .sql`select status, lease_token, object_held_until from recording_upload_queue
    where call_id = ${call.callId}`;
  expect(row).toEqual({ status: "pending", lease_token: null, object_held_until: null });
  await setting.calls.sql`delete from recording_upload_queue`;
});
