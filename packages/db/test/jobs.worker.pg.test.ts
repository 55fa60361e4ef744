import { beforeEach, expect, test, vi } from "vitest";
import { openPool } from "../src/client/index.ts";
import type { WorkerSession } from "../src/jobs/index.ts";
import {
  claimRecordings,
  listenForRecordings,
  quarantineAges,
  sendHeartbeat,
  wakeWorkers,
  workerSession,
} from "../src/jobs/index.ts";
import { CLAIM, DEADLINE_MS, useJobs } from "../src/testing/jobs-under-test.ts";

const jobs = useJobs();

beforeEach(async () => {
  await jobs.owner`delete from recording_upload_queue`;
});

test("the login works as the worker, and the worker may execute only its own functions", async () => {
  const attempt = (statement: string) =>
    jobs.session
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

test("the reader and the writer may not execute the worker's functions", async () => {
  for (const role of ["call_ledger_reader", "call_ledger_writer"]) {
    const code = await jobs.pool
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

test("a login that lacks one of the worker's functions becomes the worker for each transaction", async () => {
  const [me] = await jobs.pool.run((sql) => sql`select current_user as name`, DEADLINE_MS);
  const who = async (session: WorkerSession) => {
    const [row] = await session.run((sql) => sql.unsafe("select current_user as name"));
    return row?.name;
  };
  expect(await who(workerSession(jobs.pool, DEADLINE_MS))).toBe(me?.name);
  await jobs.owner.unsafe(`revoke execute on function call_ledger.quarantine_ages() from ${me?.name}`);
  const older = workerSession(jobs.pool, DEADLINE_MS);
  expect(await who(older)).toBe("call_ledger_worker");
  expect((await quarantineAges(older)).waiting).toBe(0);
  await jobs.owner.unsafe(`grant execute on function call_ledger.quarantine_ages() to ${me?.name}`);
});

test("an owner's login works too", async () => {
  await jobs.bookCall("by-owner");
  const owned = openPool(jobs.db.ownerUrl, { max: 1, name: "owner" });
  const claimed = await claimRecordings(workerSession(owned, DEADLINE_MS), CLAIM);
  await owned.close(500);
  expect(claimed.map((job) => job.providerCallId)).toEqual(["by-owner"]);
});

test("the status reports a worker's heartbeat, and silent workers are forgotten", async () => {
  await jobs.owner`insert into background_heartbeats (name, last_run_at) values ('worker:old', now() - interval '2 days')`;
  await sendHeartbeat(jobs.session, "worker:one", { stored: 3 });
  const rows = await jobs.owner`select name, result from background_heartbeats order by name`;
  expect(rows.map((row) => ({ ...row }))).toEqual([{ name: "worker:one", result: { stored: 3 } }]);
  await expect(sendHeartbeat(jobs.session, "somebody", {})).rejects.toMatchObject({ code: "22023" });
});

test("a listener is woken", async () => {
  let woken = 0;
  const listening = listenForRecordings(jobs.db.appUrl, () => {
    woken += 1;
  });
  await vi.waitFor(() => expect(woken).toBe(1), { timeout: 30_000 });
  await wakeWorkers(jobs.pool, DEADLINE_MS);
  await vi.waitFor(() => expect(woken).toBe(2), { timeout: 30_000 });
  await listening.stop();
});
