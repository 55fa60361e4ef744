import { randomUUID } from "node:crypto";
import { openPool } from "@call-ledger/db/client";
import type { TestDatabase } from "@call-ledger/db/testing";
import {
  createOrganizationFixture,
  deliveryToBook,
  KNOWN_FACTS,
  testDatabase,
} from "@call-ledger/db/testing";
import { recordDeliveries } from "@call-ledger/db/write";
import { SILENT_REPORT } from "@call-ledger/domain";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOps, documentOf, runOps } from "./harness/run-ops.ts";

let db: TestDatabase;
let owner: postgres.Sql;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  const fixture = await createOrganizationFixture(owner);
  const facts = KNOWN_FACTS;
  const report = {
    ...SILENT_REPORT,
    recordings: [
      { channel: "mono" as const, url: "https://r.test/mono.wav" },
      { channel: "stereo" as const, url: "https://r.test/stereo.wav" },
    ],
  };
  const event = {
    kind: "call.reported" as const,
    type: "end-of-call-report",
    occurredAt: null,
    report,
    sources: [],
  };
  const pool = openPool(db.appUrl, { max: 1, name: "recordings test" });
  await recordDeliveries(pool, [deliveryToBook(fixture, "recorded", { account: 0, facts, event })], {
    transport: "literal",
    deadlineMs: 5_000,
  });
  await pool.close(1_000);
  await owner`update recording_upload_queue set status = 'failed', attempts = 20, last_error = 'gone',
    deadline = '2026-04-01T00:00:00Z', finished_at = now() where channel = 'mono'`;
});

afterAll(async () => {
  await owner.end();
  await db.drop();
});

const ops = (...args: string[]) => callOps(["recordings", ...args], { DATABASE_URL: db.ownerUrl });

test("list shows each recording with its state, reason and deadline", async () => {
  const listed = await runOps(["recordings", "list", "--json"], { DATABASE_URL: db.ownerUrl });
  expect(documentOf(listed)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        channel: "mono",
        status: "failed",
        attempts: 20,
        reason: "gone",
        deadline: "2026-04-01T00:00:00.000Z",
        next_attempt_at: null,
      }),
      expect.objectContaining({ channel: "stereo", status: "pending", reason: null }),
    ]),
  );
  const failed = await ops("list", "--status", "failed");
  expect(failed.stdout).toContain("gone");
  expect(failed.stdout).not.toContain("stereo");
});

test("retry makes only given-up recordings due again", async () => {
  const [mono, stereo] = await owner`select id from recording_upload_queue order by channel`;
  const refused = await ops("retry", String(stereo?.id), "--json");
  expect([refused.code, documentOf(refused)]).toEqual([1, []]);
  const [{ before } = {}] = await owner`select now() as before`;
  const retried = await ops("retry", String(mono?.id), "--json");
  expect([retried.code, documentOf(retried)]).toEqual([0, [{ id: mono?.id }]]);
  const [job] =
    await owner`select status, attempts, next_attempt_at <= now() as due from recording_upload_queue where channel = 'mono'`;
  expect(job).toEqual({ status: "pending", attempts: 0, due: true });
  const [told] = await owner`select count(*)::int as changes from call_changes where changed_at >= ${before}`;
  expect(told).toEqual({ changes: 1 });
  expect((await ops("retry", "--all")).stdout).toContain("0 recordings are due again");
});

test("a recording whose host is not allowed is waiting, until the host is allowed", async () => {
  const [job] = await owner`update recording_upload_queue set status = 'pending', waits_for_host = 'b.test',
    last_error = 'the host b.test is not allowed', next_attempt_at = now() + interval '1 hour'
    where channel = 'stereo' returning id`;
  const waiting = documentOf(await ops("list", "--status", "waiting", "--json"));
  expect(waiting).toEqual([
    expect.objectContaining({ id: job?.id, status: "waiting", reason: "the host b.test is not allowed" }),
  ]);
  const pending: { id: string }[] = documentOf(await ops("list", "--status", "pending", "--json"));
  expect(pending.map(({ id }) => id)).not.toContain(job?.id);

  const isDue = async () => {
    const [row] =
      await owner`select next_attempt_at <= now() as due from recording_upload_queue where id = ${job?.id}`;
    return row?.due;
  };
  const allow = async (accountId: string) =>
    documentOf(
      await callOps(["account", "set", accountId, "--recording-host", "b.test", "--json"], {
        DATABASE_URL: db.ownerUrl,
      }),
    );
  const [call] = await owner`select provider_account_id as account from calls limit 1`;
  const [other] = await owner`select id from provider_accounts where id <> ${call?.account} limit 1`;
  expect(await allow(String(other?.id))).toMatchObject({ recordings_due: 0 });
  expect(await isDue()).toBe(false);
  expect(await allow(String(call?.account))).toMatchObject({ recordings_due: 1 });
  expect(await isDue()).toBe(true);
});

test("it needs ids or --all", async () => {
  expect((await ops("retry")).code).toBe(2);
  expect((await ops("retry", "--all", randomUUID())).code).toBe(2);
  expect((await ops("list", "--status", "lost")).code).toBe(2);
});
