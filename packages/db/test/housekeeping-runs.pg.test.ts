import { beforeEach, expect, test } from "vitest";
import {
  claimHousekeeping,
  extendHousekeeping,
  recordDatabaseSize,
  releaseHousekeeping,
  settleHousekeeping,
} from "../src/jobs/index.ts";
import { readLedgerStatus } from "../src/read/ledger-status.query.ts";
import { DEADLINE_MS, useJobs } from "../src/testing/jobs-under-test.ts";

const SCHEDULED = { leaseSeconds: 60, byHand: false };
const BY_HAND = { leaseSeconds: 60, byHand: true };
const TIDY = { name: "tidy", everySeconds: 3_600 };
const SWEEP = { name: "sweep", everySeconds: 60 };

const jobs = useJobs();

beforeEach(async () => {
  await jobs.owner`delete from housekeeping_runs`;
});

const rowOf = async (name: string) => {
  // Two runs can end in one millisecond, the precision of a Date.
  const [row] = await jobs.owner`select *, extract(epoch from next_run_at - now())::float as due_in,
    succeeded_at < finished_at as has_failed_since from housekeeping_runs where name = ${name}`;
  return row;
};

async function claimed(job = TIDY, how = SCHEDULED) {
  const run = await claimHousekeeping(jobs.session, [job], how);
  if (run === null) throw new Error("nothing was due");
  return run;
}

test("a job is due if it has never run, and again after its interval", async () => {
  const run = await claimed();
  expect(run).toMatchObject({ name: "tidy", progress: null });
  expect(await settleHousekeeping(jobs.session, run, { result: { swept: 3 }, error: null })).toBe(true);
  expect(await rowOf("tidy")).toMatchObject({
    every_seconds: 3_600,
    lease_token: null,
    result: { swept: 3 },
    error: null,
    took_ms: expect.any(Number),
  });
  expect((await rowOf("tidy"))?.due_in).toBeCloseTo(3_600, -2);
  expect(await claimHousekeeping(jobs.session, [TIDY], SCHEDULED)).toBeNull();
  await jobs.owner`update housekeeping_runs set next_run_at = now()`;
  expect((await claimed()).token).not.toBe(run.token);
});

test("one of many simultaneous processes gets the run, the first time and every time", async () => {
  for (let round = 0; round < 40; round++) {
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => claimHousekeeping(jobs.session, [TIDY], SCHEDULED)),
    );
    expect(claims.filter((run) => run !== null)).toHaveLength(1);
    await jobs.owner`update housekeeping_runs set next_run_at = now()`;
  }
});

test("the first named of several due jobs runs first, and processes share them", async () => {
  const claims = await Promise.all(
    Array.from({ length: 4 }, () => claimHousekeeping(jobs.session, [SWEEP, TIDY], SCHEDULED)),
  );
  const names = claims.map((run) => run?.name).filter((name) => name !== undefined);
  expect(names.toSorted()).toEqual(["sweep", "tidy"]);
  await jobs.owner`update housekeeping_runs set lease_token = null, next_run_at = now()`;
  expect((await claimHousekeeping(jobs.session, [TIDY, SWEEP], SCHEDULED))?.name).toBe("tidy");
});

test("the run of a killed process is due when its lease is over, and that process cannot settle it any more", async () => {
  const lost = await claimed();
  await jobs.owner`update housekeeping_runs set next_run_at = now()`;
  const taken = await claimed();
  expect(await extendHousekeeping(jobs.session, lost, 60, null)).toBe(false);
  expect(await settleHousekeeping(jobs.session, lost, { result: {}, error: null })).toBe(false);
  expect(await releaseHousekeeping(jobs.session, lost)).toBe(false);
  expect(await settleHousekeeping(jobs.session, taken, { result: {}, error: null })).toBe(true);
});

test("an extended lease keeps other processes out, and the next run continues at the stored position", async () => {
  const run = await claimed(TIDY, { leaseSeconds: 0, byHand: false });
  expect(await extendHousekeeping(jobs.session, run, 60, { reached: "here" })).toBe(true);
  expect(await extendHousekeeping(jobs.session, run, 60, null)).toBe(true);
  expect(await claimHousekeeping(jobs.session, [TIDY], SCHEDULED)).toBeNull();
  expect(await releaseHousekeeping(jobs.session, run)).toBe(true);
  expect((await claimed()).progress).toEqual({ reached: "here" });
});

test("a failed run has its reason, keeps the last result, and is retried within ten minutes", async () => {
  await settleHousekeeping(jobs.session, await claimed(), { result: { swept: 3 }, error: null });
  const again = await claimed(TIDY, BY_HAND);
  await settleHousekeeping(jobs.session, again, { result: null, error: "the storage does not answer" });
  const row = await rowOf("tidy");
  expect(row).toMatchObject({ error: "the storage does not answer", result: { swept: 3 } });
  expect(row?.due_in).toBeCloseTo(600, -2);
  expect(row?.has_failed_since).toBe(true);
});

test("a job that is run by hand need not be due, and is not taken from a process that runs it", async () => {
  const run = await claimed();
  expect(await claimHousekeeping(jobs.session, [TIDY], BY_HAND)).toBeNull();
  await settleHousekeeping(jobs.session, run, { result: {}, error: null });
  expect(await claimHousekeeping(jobs.session, [TIDY], SCHEDULED)).toBeNull();
  expect((await claimed(TIDY, BY_HAND)).name).toBe("tidy");
});

test("a running job is not late; a job without a success for three intervals is", async () => {
  await claimed();
  await settleHousekeeping(jobs.session, await claimed(SWEEP), { result: { swept: 1 }, error: null });
  await jobs.owner`update housekeeping_runs set succeeded_at = now() - interval '4 minutes' where name = 'sweep'`;
  expect((await readLedgerStatus(jobs.pool, DEADLINE_MS)).lateJobs).toEqual(["sweep"]);
});

test("sizes are kept for the given time, and the status uses the oldest of a week", async () => {
  await jobs.owner`insert into database_sizes (at, size_bytes) values (now() - interval '41 days', 1),
    (now() - interval '8 days', 2), (now() - interval '6 days', 3145728), (now() - interval '1 day', 4)`;
  const bytes = await recordDatabaseSize(jobs.session, 40);
  expect(bytes).toBeGreaterThan(1_000_000);
  const sizes = await jobs.owner`select size_bytes from database_sizes order by at`;
  expect(sizes.map((row) => Number(row.size_bytes))).toEqual([2, 3_145_728, 4, bytes]);
  const { sizeBefore } = await readLedgerStatus(jobs.pool, DEADLINE_MS);
  expect(sizeBefore?.sizeMb).toBe(3);
  expect(sizeBefore?.ageSeconds).toBeCloseTo(6 * 86_400, -2);
});

test("the login can use only the functions", async () => {
  for (const statement of [
    "select from public.housekeeping_runs",
    "update public.housekeeping_runs set next_run_at = now()",
    "delete from public.database_sizes",
    "select call_ledger.object_verdict(null, null, null, null)",
  ]) {
    for (const role of ["call_ledger_worker", "call_ledger_writer", "call_ledger_reader"]) {
      const attempt = jobs.pool.run(
        (sql) =>
          sql.begin(async (tx) => {
            await tx.unsafe(`set local role ${role}`);
            await tx.unsafe(statement);
          }),
        DEADLINE_MS,
      );
      await expect(attempt, `${role}: ${statement}`).rejects.toMatchObject({ code: "42501" });
    }
  }
});
