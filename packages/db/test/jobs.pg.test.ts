import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import {
  claimRecordings,
  countRecordings,
  extendRecording,
  releaseRecording,
  settleRecording,
  storeRecording,
  wakeWaitingRecordings,
} from "../src/jobs/index.ts";
import { CLAIM, useJobs } from "../src/testing/jobs-under-test.ts";

const OBJECT = {
  path: "org/1/call/2/mono.wav",
  sizeBytes: 4_096,
  sha256: new Uint8Array(32).fill(7),
  peaksPath: "org/1/call/2/mono.peaks.json",
  peaksError: null,
};

const jobs = useJobs();

beforeEach(async () => {
  await jobs.owner`delete from recording_upload_queue`;
});

const rowOf = async (id: string) => {
  const [row] = await jobs.owner`select * from recording_upload_queue where id = ${id}`;
  return row;
};

test("a report's recording is claimed with the data that are needed to fetch it", async () => {
  const callId = await jobs.bookCall("claimed");
  const job = await jobs.claimOne();
  expect(job).toMatchObject({
    orgId: jobs.fixture.orgId,
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
  expect(await claimRecordings(jobs.session, CLAIM)).toEqual([]);
});

test("several workers at once never get the same job, and none is left", async () => {
  await Promise.all(Array.from({ length: 40 }, (_, index) => jobs.bookCall(`race-${index}`)));
  const claimed = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      claimRecordings(jobs.session, { ...CLAIM, max: 3, newest: index % 2 === 0 }),
    ),
  );
  const rest = await claimRecordings(jobs.session, { ...CLAIM, max: 100 });
  const ids = [...claimed.flat(), ...rest].map((job) => job.id);
  expect(ids).toHaveLength(40);
  expect(new Set(ids).size).toBe(40);
});

test("the oldest or the newest jobs come first, so that a backlog delays no other", async () => {
  for (const name of ["first", "second", "third"]) await jobs.bookCall(name);
  expect((await jobs.claimOne({ max: 1, newest: true })).providerCallId).toBe("third");
  expect((await jobs.claimOne({ max: 1 })).providerCallId).toBe("first");
});

test("an organization that holds its share is skipped", async () => {
  for (const name of ["share-1", "share-2", "share-3"]) await jobs.bookCall(name);
  const { orgId } = jobs.fixture;
  const held = await claimRecordings(jobs.session, { ...CLAIM, maxPerOrg: 2 });
  expect(held).toHaveLength(2);
  const claim = (heldOrgIds: string[]) =>
    claimRecordings(jobs.session, { ...CLAIM, heldOrgIds, maxPerOrg: 2 });
  expect(await claim([orgId, orgId])).toEqual([]);
  expect(await claim([orgId, randomUUID()])).toHaveLength(1);
});

test("organizations take turns, beginning after the one whose turn was last", async () => {
  const backlog = 4;
  const first = await jobs.bookCall("turn-0");
  const [template] = await jobs.owner`select * from calls where id = ${first}`;
  const [orgA, orgB] = ["1", "2"].map((digit) => `${digit.repeat(8)}-0000-4000-8000-000000000000`);
  for (const orgId of [orgA, orgB]) {
    await jobs.owner`insert into organizations (id, name) values (${orgId ?? ""}, 'in turn')`;
    for (let place = 0; place < backlog; place += 1) {
      const call = { id: randomUUID(), provider: "vapi", provider_account_id: template?.provider_account_id };
      const key = { ...call, org_id: orgId, provider_call_id: `${orgId}-${place}` };
      for (const table of ["calls", "call_tracking", "call_logs"]) {
        await jobs.owner`insert into ${jobs.owner(table)} ${jobs.owner(key)}`;
      }
      await jobs.owner`insert into recording_upload_queue (org_id, call_id, channel, next_attempt_at)
        values (${orgId ?? ""}, ${call.id}, 'mono', now() - make_interval(mins => ${10 - place}))`;
    }
  }
  const own = jobs.fixture.orgId;
  const turns = async (max: number, afterOrgId: string | null) =>
    (await claimRecordings(jobs.session, { ...CLAIM, max, afterOrgId })).map(({ orgId }) => orgId);
  const inOrder = [orgA, orgB, own].sort();
  expect(await turns(3, null)).toEqual(inOrder);
  expect(await turns(1, orgA ?? null)).toEqual([orgB]);
  expect(await turns(2, orgB ?? null)).toEqual([orgA, orgB]);
  expect(await turns(100, null)).toEqual([orgA, orgB, orgA]);
});

test("a job that waits for a host uses no attempt, is counted, and is due when it is woken", async () => {
  await jobs.bookCall("waiting");
  const job = await jobs.claimOne();
  const retryAt = Date.now() + 600_000;
  const verdict = { retryAt, waitsForHost: "bucket.example.test" };
  expect(await settleRecording(jobs.session, job, { verdict, reason: "not allowed", deadline: null })).toBe(
    true,
  );
  expect(await rowOf(job.id)).toMatchObject({
    status: "pending",
    attempts: 0,
    waits_for_host: "bucket.example.test",
    last_error: "not allowed",
    next_attempt_at: new Date(retryAt),
  });
  expect(await countRecordings(jobs.session)).toMatchObject({ pending: 0, waiting: 1, due: 0 });
  expect(await claimRecordings(jobs.session, CLAIM)).toEqual([]);

  expect(await wakeWaitingRecordings(jobs.session)).toBe(1);
  expect(await jobs.claimOne()).toMatchObject({ attempts: 1, waitedForHost: "bucket.example.test" });
  expect(await rowOf(job.id)).toMatchObject({ status: "fetching", waits_for_host: null });
  expect(await settleRecording(jobs.session, job, { verdict, reason: "late", deadline: null })).toBe(false);
});

test("the hosts of a call's account come with its job", async () => {
  await jobs.owner`update provider_accounts set recording_hosts = array['*.example.test']`;
  await jobs.bookCall("own-hosts");
  expect((await jobs.claimOne()).accountHosts).toEqual(["*.example.test"]);
});

test("a stored recording is linked to its call", async () => {
  const callId = await jobs.bookCall("stored");
  const job = await jobs.claimOne();
  expect(await rowOf(job.id)).toMatchObject({ source_url: expect.stringContaining("https://") });
  expect(await storeRecording(jobs.session, job, OBJECT)).toBe(true);
  const [call] = await jobs.owner`select recording_storage_path as path from calls where id = ${callId}`;
  expect(call).toEqual({ path: OBJECT.path });
  expect(await rowOf(job.id)).toMatchObject({
    status: "stored",
    storage_path: OBJECT.path,
    size_bytes: "4096",
    sha256: Buffer.alloc(32, 7),
    peaks_path: OBJECT.peaksPath,
    peaks_error: null,
    source_url: null,
    attempts: 1,
    lease_until: null,
    lease_token: null,
    last_error: null,
  });
  expect(await storeRecording(jobs.session, job, { ...OBJECT, path: "another" })).toBe(false);
});

test("an expired lease is taken over, and the former holder settles nothing", async () => {
  await jobs.bookCall("taken-over");
  const lost = await jobs.claimOne();
  await jobs.owner`update recording_upload_queue set lease_until = now(), next_attempt_at = now() where id = ${lost.id}`;
  expect(await countRecordings(jobs.session)).toMatchObject({ fetching: 1, stale: 1 });
  const taken = await jobs.claimOne();
  expect([taken.id, taken.attempts]).toEqual([lost.id, 2]);

  expect(await extendRecording(jobs.session, lost, 60)).toBe(false);
  expect(await releaseRecording(jobs.session, lost)).toBe(false);
  expect(
    await settleRecording(jobs.session, lost, { verdict: "failed", reason: "late", deadline: null }),
  ).toBe(false);
  expect(await storeRecording(jobs.session, lost, OBJECT)).toBe(false);
  expect(await rowOf(lost.id)).toMatchObject({ status: "fetching", storage_path: null, last_error: null });
  expect(await storeRecording(jobs.session, taken, OBJECT)).toBe(true);
});

test("an extended lease is not taken over at its first end", async () => {
  await jobs.bookCall("extended");
  const job = await jobs.claimOne({ leaseSeconds: 0 });
  expect(await extendRecording(jobs.session, job, 60)).toBe(true);
  expect(await claimRecordings(jobs.session, CLAIM)).toEqual([]);
});

test("a lease that is given back uses no attempt", async () => {
  await jobs.bookCall("given-back");
  expect(await releaseRecording(jobs.session, await jobs.claimOne())).toBe(true);
  expect((await jobs.claimOne()).attempts).toBe(1);
});

test("a failed job is tried again at the given time, or given up with a reason", async () => {
  await jobs.bookCall("failing");
  const job = await jobs.claimOne();
  const deadline = Date.UTC(2026, 2, 26);
  const retryAt = Date.now() + 60_000;
  expect(
    await settleRecording(jobs.session, job, { verdict: { retryAt }, reason: "HTTP 503", deadline }),
  ).toBe(true);
  expect(await rowOf(job.id)).toMatchObject({
    status: "pending",
    attempts: 1,
    next_attempt_at: new Date(retryAt),
    last_error: "HTTP 503",
    deadline: new Date(deadline),
    finished_at: null,
  });
  expect(await claimRecordings(jobs.session, CLAIM)).toEqual([]);

  await jobs.owner`update recording_upload_queue set next_attempt_at = now() where id = ${job.id}`;
  const again = await jobs.claimOne();
  expect(await settleRecording(jobs.session, again, { verdict: "expired", reason: "gone", deadline })).toBe(
    true,
  );
  expect(await rowOf(job.id)).toMatchObject({ status: "expired", attempts: 2, last_error: "gone" });
  expect(await countRecordings(jobs.session)).toEqual({
    pending: 0,
    waiting: 0,
    due: 0,
    fetching: 0,
    stale: 0,
    failed: 0,
    expired: 1,
  });
});

test("a fresh source makes a given-up job due again", async () => {
  await jobs.bookCall("revived");
  await settleRecording(jobs.session, await jobs.claimOne(), {
    verdict: "failed",
    reason: "HTTP 403",
    deadline: null,
  });
  await jobs.bookCall("revived", "https://recordings.test/a?sig=2");
  const job = await jobs.claimOne();
  expect([job.sourceUrl, job.attempts]).toEqual(["https://recordings.test/a?sig=2", 1]);
});

test("storing a recording while deliveries of its call are booked causes no deadlock", async () => {
  for (let round = 0; round < 10; round++) {
    await jobs.bookCall(`busy-${round}`, "https://recordings.test/a?sig=0");
    const job = await jobs.claimOne();
    const outcomes = await Promise.all([
      storeRecording(jobs.session, job, OBJECT),
      ...Array.from({ length: 6 }, (_, index) =>
        jobs.bookCall(`busy-${round}`, `https://recordings.test/a?sig=${index + 1}`),
      ),
    ]);
    expect(outcomes[0]).toBe(true);
    expect(await rowOf(job.id)).toMatchObject({ status: "stored" });
  }
});

test.each(["stored", "lost"])("a verdict of %s is refused", async (verdict) => {
  const call = jobs.session.run((sql) =>
    sql.unsafe(`select call_ledger.settle_recording($1::uuid, $1::uuid, $1::uuid, $2, 'x', null, null)`, [
      randomUUID(),
      verdict,
    ]),
  );
  await expect(call).rejects.toMatchObject({ code: "22023" });
});
