import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { Pool } from "../src/client/index.ts";
import { openPool } from "../src/client/index.ts";
import type { ClaimedRecording, WorkerSession } from "../src/jobs/index.ts";
import {
  beat,
  claimRecordings,
  countRecordings,
  extendLease,
  listenForRecordings,
  releaseRecording,
  settleFailure,
  storeRecording,
  wakeWorkers,
  workerSession,
} from "../src/jobs/index.ts";
import type { StoryWorld, TestDatabase } from "../src/testing/index.ts";
import { createStoryWorld, testDatabase, toRecord } from "../src/testing/index.ts";
import { recordDeliveries } from "../src/write/index.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let pool: Pool;
let session: WorkerSession;
let world: StoryWorld;

const DEADLINE_MS = 5_000;
const claim = { channels: ["mono"] as const, most: 10, newest: false, leaseSeconds: 60 };
const OBJECT = { path: "org/1/call/2/mono.wav", sizeBytes: 4_096, sha256: new Uint8Array(32).fill(7) };

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 2, onnotice: () => undefined });
  pool = openPool(db.appUrl, { max: 5, name: "jobs test" });
  session = workerSession(pool, DEADLINE_MS);
  world = await createStoryWorld(owner);
});

afterAll(async () => {
  await pool.close(1_000);
  await owner.end();
  await db.drop();
});

beforeEach(async () => {
  await owner`delete from recording_upload_queue`;
});

const facts = {
  providerAgentId: "asst-1",
  providerPhoneNumberId: null,
  ourNumber: null,
  customerNumber: null,
  direction: "inbound" as const,
};

/** Books a call whose report names a recording; returns the id of the call. */
async function bookCall(
  providerCallId: string,
  sourceUrl = "https://recordings.test/a?sig=1",
): Promise<string> {
  const event = {
    kind: "call.reported" as const,
    type: "end-of-call-report",
    occurredAt: null,
    report: {
      source: "webhook" as const,
      revisedAt: null,
      transcript: null,
      messages: null,
      summary: null,
      analysis: null,
      costUsd: null,
      costBreakdown: null,
      startedAt: Date.UTC(2026, 2, 12, 15),
      endedAt: Date.UTC(2026, 2, 12, 15, 3),
      ending: null,
      durationSeconds: null,
      recordings: [{ channel: "mono" as const, url: "https://recordings.test/a" }],
    },
    sources: [{ channel: "mono" as const, url: sourceUrl, expiresAt: Date.now() + 3_600_000 }],
  };
  await recordDeliveries(pool, [toRecord(world, providerCallId, { account: 0, facts, event })], {
    transport: "literal",
    deadlineMs: DEADLINE_MS,
  });
  const [call] = await owner`select id from calls where provider_call_id = ${providerCallId}`;
  return String(call?.id);
}

async function claimOne(options: Partial<typeof claim> = {}): Promise<ClaimedRecording> {
  const [job] = await claimRecordings(session, { ...claim, ...options });
  if (job === undefined) throw new Error("nothing was due");
  return job;
}

const rowOf = async (id: string) => {
  const [row] = await owner`select * from recording_upload_queue where id = ${id}`;
  return row;
};

test("a report's recording is claimed with what is needed to fetch it", async () => {
  const callId = await bookCall("claimed");
  const job = await claimOne();
  expect(job).toMatchObject({
    orgId: world.orgId,
    callId,
    channel: "mono",
    attempts: 1,
    recordingUrl: "https://recordings.test/a",
    sourceUrl: "https://recordings.test/a?sig=1",
    callEndedAt: Date.UTC(2026, 2, 12, 15, 3),
    provider: "vapi",
    providerCallId: "claimed",
  });
  expect(Math.abs(job.queuedAt - Date.now())).toBeLessThan(60_000);
  expect(await claimRecordings(session, claim)).toEqual([]);
});

test("the login works as the worker, and the worker's hands reach no further than its functions", async () => {
  const attempt = (statement: string) =>
    session
      .run((sql) => sql.unsafe(statement))
      .then(
        () => "passed",
        (error: { code: string }) => error.code,
      );
  for (const statement of [
    "select from public.recording_upload_queue",
    "update public.recording_upload_queue set status = 'failed'",
    "select from public.calls",
    "insert into public.background_heartbeats (name, last_run_at) values ('worker:x', now())",
  ]) {
    expect(`${statement}: ${await attempt(statement)}`).toBe(`${statement}: 42501`);
  }
  expect(await attempt("select call_ledger.recording_counts()")).toBe("passed");
});

test("the reader and the writer may not call the worker's functions", async () => {
  for (const role of ["call_ledger_reader", "call_ledger_writer"]) {
    const code = await pool
      .run(
        (sql) =>
          sql.begin(async (tx) => {
            await tx.unsafe(`set local role ${role}`);
            await tx.unsafe("select call_ledger.recording_counts()");
          }),
        DEADLINE_MS,
      )
      .then(
        () => "passed",
        (error: { code: string }) => error.code,
      );
    expect(`${role}: ${code}`).toBe(`${role}: 42501`);
  }
});

test("an owner's login works too", async () => {
  await bookCall("by-owner");
  const owned = openPool(db.ownerUrl, { max: 1, name: "owner" });
  const jobs = await claimRecordings(workerSession(owned, DEADLINE_MS), claim);
  await owned.close(500);
  expect(jobs.map((job) => job.providerCallId)).toEqual(["by-owner"]);
});

test("of many workers at once no two get the same job, and none is left", async () => {
  await Promise.all(Array.from({ length: 40 }, (_, index) => bookCall(`race-${index}`)));
  const claimed = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      claimRecordings(session, { ...claim, most: 3, newest: index % 2 === 0 }),
    ),
  );
  const rest = await claimRecordings(session, { ...claim, most: 100 });
  const ids = [...claimed.flat(), ...rest].map((job) => job.id);
  expect(ids).toHaveLength(40);
  expect(new Set(ids).size).toBe(40);
});

test("the oldest come first, or the newest, so that a backlog starves nobody", async () => {
  for (const name of ["first", "second", "third"]) await bookCall(name);
  expect((await claimOne({ most: 1, newest: true })).providerCallId).toBe("third");
  expect((await claimOne({ most: 1 })).providerCallId).toBe("first");
});

test("channels that are not kept are left alone", async () => {
  await bookCall("mono-only");
  expect(await claimRecordings(session, { ...claim, channels: ["stereo"] })).toEqual([]);
});

test("a stored recording is on its call", async () => {
  const callId = await bookCall("stored");
  const job = await claimOne();
  expect(await storeRecording(session, job, OBJECT)).toBe(true);
  const [call] = await owner`select recording_storage_path as path from calls where id = ${callId}`;
  expect(call).toEqual({ path: OBJECT.path });
  expect(await rowOf(job.id)).toMatchObject({
    status: "stored",
    storage_path: OBJECT.path,
    size_bytes: "4096",
    sha256: Buffer.alloc(32, 7),
    attempts: 1,
    lease_until: null,
    lease_token: null,
    last_error: null,
  });
  expect(await storeRecording(session, job, { ...OBJECT, path: "another" })).toBe(false);
});

test("a lease that ran out is taken over, and who lost it settles nothing", async () => {
  await bookCall("taken-over");
  const lost = await claimOne();
  await owner`update recording_upload_queue set lease_until = now(), next_attempt_at = now() where id = ${lost.id}`;
  expect(await countRecordings(session)).toMatchObject({ fetching: 1, stale: 1 });
  const taken = await claimOne();
  expect([taken.id, taken.attempts]).toEqual([lost.id, 2]);

  expect(await extendLease(session, lost, 60)).toBe(false);
  expect(await releaseRecording(session, lost)).toBe(false);
  expect(await settleFailure(session, lost, { verdict: "failed", reason: "late", deadline: null })).toBe(
    false,
  );
  expect(await storeRecording(session, lost, OBJECT)).toBe(false);
  expect(await rowOf(lost.id)).toMatchObject({ status: "fetching", storage_path: null, last_error: null });
  expect(await storeRecording(session, taken, OBJECT)).toBe(true);
});

test("an extended lease is not taken over when the first one would have ended", async () => {
  await bookCall("extended");
  const job = await claimOne({ leaseSeconds: 0 });
  expect(await extendLease(session, job, 60)).toBe(true);
  expect(await claimRecordings(session, claim)).toEqual([]);
});

test("a lease that is given back costs no attempt", async () => {
  await bookCall("given-back");
  expect(await releaseRecording(session, await claimOne())).toBe(true);
  expect((await claimOne()).attempts).toBe(1);
});

test("a failure is tried again when it says, or given up for a person to read", async () => {
  await bookCall("failing");
  const job = await claimOne();
  const deadline = Date.UTC(2026, 2, 26);
  const retryAt = Date.now() + 60_000;
  expect(await settleFailure(session, job, { verdict: { retryAt }, reason: "HTTP 503", deadline })).toBe(
    true,
  );
  expect(await rowOf(job.id)).toMatchObject({
    status: "pending",
    attempts: 1,
    next_attempt_at: new Date(retryAt),
    last_error: "HTTP 503",
    deadline: new Date(deadline),
    finished_at: null,
  });
  expect(await claimRecordings(session, claim)).toEqual([]);

  await owner`update recording_upload_queue set next_attempt_at = now() where id = ${job.id}`;
  const again = await claimOne();
  expect(await settleFailure(session, again, { verdict: "expired", reason: "gone", deadline })).toBe(true);
  expect(await rowOf(job.id)).toMatchObject({ status: "expired", attempts: 2, last_error: "gone" });
  expect(await countRecordings(session)).toEqual({
    pending: 0,
    due: 0,
    fetching: 0,
    stale: 0,
    failed: 0,
    expired: 1,
  });
});

test("a fresh source revives what had been given up", async () => {
  await bookCall("revived");
  await settleFailure(session, await claimOne(), { verdict: "failed", reason: "HTTP 403", deadline: null });
  await bookCall("revived", "https://recordings.test/a?sig=2");
  const job = await claimOne();
  expect([job.sourceUrl, job.attempts]).toEqual(["https://recordings.test/a?sig=2", 1]);
});

test("storing a recording while deliveries of its call are booked ends without a deadlock", async () => {
  for (let round = 0; round < 10; round++) {
    await bookCall(`busy-${round}`, "https://recordings.test/a?sig=0");
    const job = await claimOne();
    const outcomes = await Promise.all([
      storeRecording(session, job, OBJECT),
      ...Array.from({ length: 6 }, (_, index) =>
        bookCall(`busy-${round}`, `https://recordings.test/a?sig=${index + 1}`),
      ),
    ]);
    expect(outcomes[0]).toBe(true);
    expect(await rowOf(job.id)).toMatchObject({ status: "stored" });
  }
});

test("a worker's heartbeat is what the status reports, and silent ones are forgotten", async () => {
  await owner`insert into background_heartbeats (name, last_run_at) values ('worker:old', now() - interval '2 days')`;
  await beat(session, "worker:one", { stored: 3 });
  const rows = await owner`select name, result from background_heartbeats order by name`;
  expect(rows.map((row) => ({ ...row }))).toEqual([{ name: "worker:one", result: { stored: 3 } }]);
  await expect(beat(session, "somebody", {})).rejects.toMatchObject({ code: "22023" });
});

test("who listens is woken", async () => {
  let woken = 0;
  const listening = listenForRecordings(db.appUrl, () => {
    woken += 1;
  });
  await vi.waitFor(() => expect(woken).toBe(1), { timeout: 5_000 });
  await wakeWorkers(pool, DEADLINE_MS);
  await vi.waitFor(() => expect(woken).toBe(2), { timeout: 5_000 });
  await listening.stop();
});

test.each(["stored", "lost"])("a verdict of %s is refused", async (verdict) => {
  const call = session.run((sql) =>
    sql.unsafe(`select call_ledger.settle_recording($1::uuid, $1::uuid, $1::uuid, $2, 'x', null, null)`, [
      randomUUID(),
      verdict,
    ]),
  );
  await expect(call).rejects.toMatchObject({ code: "22023" });
});
