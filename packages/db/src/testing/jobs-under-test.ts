import { SILENT_REPORT } from "@call-ledger/domain";
import postgres from "postgres";
import { afterAll, beforeAll } from "vitest";
import type { Pool } from "../client/index.ts";
import { openPool } from "../client/index.ts";
import type { ClaimedRecording, ClaimOptions, WorkerSession } from "../jobs/index.ts";
import { claimRecordings, workerSession } from "../jobs/index.ts";
import { recordDeliveries } from "../write/index.ts";
import type { OrganizationFixture, TestDatabase } from "./index.ts";
import { createOrganizationFixture, deliveryToBook, KNOWN_FACTS, testDatabase } from "./index.ts";

export const DEADLINE_MS = 5_000;
export const CLAIM: ClaimOptions = {
  max: 10,
  newest: false,
  leaseSeconds: 60,
  afterOrgId: null,
  heldOrgIds: [],
  maxPerOrg: 100,
};

/** A database whose calls have recordings to upload, with connections of a worker and of the owner. */
type JobsUnderTest = {
  readonly db: TestDatabase;
  readonly owner: postgres.Sql;
  readonly pool: Pool;
  readonly session: WorkerSession;
  readonly fixture: OrganizationFixture;
  /** Books a call whose report names a recording. Returns the id of the call. */
  bookCall(providerCallId: string, sourceUrl?: string): Promise<string>;
  claimOne(options?: Partial<ClaimOptions>): Promise<ClaimedRecording>;
  end(): Promise<void>;
};

/** Gives the tests of a file such a database. It is there once a test or a later hook runs. */
export function useJobs(): JobsUnderTest {
  const jobs = {} as JobsUnderTest;

  beforeAll(async () => {
    Object.assign(jobs, await jobsUnderTest());
  });

  afterAll(() => jobs.end());

  return jobs;
}

async function jobsUnderTest(): Promise<JobsUnderTest> {
  const db = await testDatabase();
  const owner = postgres(db.ownerUrl, { max: 2, onnotice: () => undefined });
  const pool = openPool(db.appUrl, { max: 5, name: "jobs test" });
  const session = workerSession(pool, DEADLINE_MS);
  const fixture = await createOrganizationFixture(owner);
  return {
    db,
    owner,
    pool,
    session,
    fixture,
    async bookCall(providerCallId, sourceUrl = "https://recordings.test/a?sig=1") {
      const delivery = deliveryToBook(fixture, providerCallId, {
        account: 0,
        facts,
        event: reportOf(sourceUrl),
      });
      await recordDeliveries(pool, [delivery], { transport: "literal", deadlineMs: DEADLINE_MS });
      const [call] = await owner`select id from calls where provider_call_id = ${providerCallId}`;
      return String(call?.id);
    },
    async claimOne(options = {}) {
      const [job] = await claimRecordings(session, { ...CLAIM, ...options });
      if (job === undefined) throw new Error("nothing was due");
      return job;
    },
    async end() {
      await pool.close(1_000);
      await owner.end();
      await db.drop();
    },
  };
}

const facts = KNOWN_FACTS;

function reportOf(sourceUrl: string) {
  return {
    kind: "call.reported" as const,
    type: "end-of-call-report",
    occurredAt: null,
    report: {
      ...SILENT_REPORT,
      startedAt: Date.UTC(2026, 2, 12, 15),
      endedAt: Date.UTC(2026, 2, 12, 15, 3),
      recordings: [{ channel: "mono" as const, url: "https://recordings.test/a" }],
    },
    sources: [{ channel: "mono" as const, url: sourceUrl, expiresAt: Date.now() + 3_600_000 }],
  };
}
