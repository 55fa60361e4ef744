import { randomUUID } from "node:crypto";
import type { CallEvent, CallFacts, Report } from "@call-ledger/domain";
import { SILENT_REPORT } from "@call-ledger/domain";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Pool } from "../src/client/index.ts";
import { openPool } from "../src/client/index.ts";
import type { OrganizationFixture, TestDatabase } from "../src/testing/index.ts";
import {
  createOrganizationFixture,
  deliveryToBook,
  KNOWN_FACTS,
  rowsOf,
  testDatabase,
} from "../src/testing/index.ts";
import { recordDeliveries } from "../src/write/index.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let app: postgres.Sql;
let pool: Pool;
let fixture: OrganizationFixture;
let call = "";
let calls = 0;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 2 });
  app = postgres(db.appUrl, { max: 2 });
  pool = openPool(db.appUrl, { max: 2, name: "sql api test" });
  fixture = await createOrganizationFixture(owner);
});

beforeEach(() => {
  call = `rpc-${++calls}`;
});

afterAll(async () => {
  await Promise.all([owner.end(), app.end(), pool.close(1_000)]);
  await db.drop();
});

/** Runs a query as the writer, which may execute only the three functions. */
const rpc = (query: (tx: postgres.TransactionSql) => postgres.PendingQuery<postgres.Row[]>) =>
  app.begin(async (tx) => {
    await tx.unsafe("set local role call_ledger_writer");
    return [...(await query(tx))];
  });
const create = (org: string | null = fixture.orgId, id: string | null = call, agent: string | null = null) =>
  rpc(
    (tx) =>
      tx`select * from create_inbound_call_atomically(${org}, ${id}, ${agent}, '+12025550143', null, '{"a":null}')`,
  );
const complete = (
  seconds: number | null = 42,
  tracking: string | null = null,
  org: string | null = fixture.orgId,
) =>
  rpc((tx) => tx`select * from update_call_completed_atomically(${org}, ${call}, ${seconds}, ${tracking})`);
const keep = (
  url: string | null,
  path: string | null,
  transcript: string | null,
  type: string | null = null,
) =>
  rpc(
    (tx) =>
      tx`select * from update_call_with_recording_atomically(${fixture.orgId}, ${call}, ${url}, ${path}, ${transcript}, ${type})`,
  );
const said = { type: "said", occurredAt: Date.UTC(2026, 2, 12, 15) };
const reported = (report: Report): CallEvent => ({ ...said, kind: "call.reported", report, sources: [] });
const record = (event: CallEvent, facts: CallFacts) =>
  recordDeliveries(pool, [deliveryToBook(fixture, call, { account: 0, facts, event })], {
    transport: "literal",
    deadlineMs: 5_000,
  });
/** The other columns of each result, as before call-ledger. */
const created = (id: unknown, isRetry = false) => ({
  call_tracking_id: id,
  call_logs_id: id,
  success: true,
  error_message: isRetry ? "IDEMPOTENT_RETRY: Call already exists in system for this organization" : null,
});
const updated = { call_logs_updated: true, success: true, error_message: null };
const completed = { ...updated, call_tracking_updated: false };
const callId = async () => (await owner`select id from calls where provider_call_id = ${call}`)[0]?.id;

test("create books an inbound ringing call only once", async () => {
  const agent = fixture.agents[0]?.id ?? null;
  const first = await create(fixture.orgId, call, agent);
  const id = await callId();
  expect(first).toEqual([{ call_id: id, outcome: "applied", ...created(id) }]);
  expect(await create(fixture.orgId, call, agent)).toEqual([
    { call_id: id, outcome: "duplicate", ...created(id, true) },
  ]);
  const rows = await rowsOf(owner, call);
  expect(rows?.calls).toMatchObject({
    org_id: fixture.orgId,
    phase: "ringing",
    direction: "inbound",
    agent_id: agent,
  });
  expect(rows?.call_tracking).toMatchObject({ customer_number: "+12025550143", metadata: { a: null } });
});

test("completed ends the call with its duration; the call need not exist before", async () => {
  expect(await complete()).toEqual([{ call_id: await callId(), outcome: "applied", ...completed }]);
  expect((await rowsOf(owner, call))?.calls).toMatchObject({
    phase: "ended",
    outcome: "completed",
    duration_seconds: 42,
  });
  expect(await complete()).toEqual([{ call_id: await callId(), outcome: "duplicate", ...completed }]);
});

test("a recording URL is queued, a storage path counts as stored, and a transcript is kept", async () => {
  const url = "https://r.test/a.wav?sig=1";
  expect(await keep(url, null, "hello", "outbound")).toEqual([
    { call_id: await callId(), outcome: "applied", ...updated, calls_updated: true },
  ]);
  expect((await keep(null, "org/a/mono.wav", null))[0]?.outcome).toBe("applied");
  expect((await keep(null, "org/a/mono.wav", null))[0]?.outcome).toBe("duplicate");
  const rows = await rowsOf(owner, call);
  expect(rows?.calls).toMatchObject({ recording_storage_path: "org/a/mono.wav", direction: "outbound" });
  expect(rows?.call_logs).toMatchObject({ transcript: "hello", recording_url: "https://r.test/a.wav" });
  const [job] =
    await owner`select status, source_url, storage_path from recording_upload_queue where call_id = ${await callId()}`;
  expect(job).toEqual({ status: "stored", source_url: url, storage_path: "org/a/mono.wav" });
});

test("any order of the three functions gives the same rows", async () => {
  const agent = fixture.agents[0]?.id ?? null;
  const steps = [
    () => create(fixture.orgId, call, agent),
    () => complete(),
    () => keep("https://r.test/x.wav", null, "t"),
  ];
  const ends = new Set<string>();
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    call = `rpc-order-${order.join("")}`;
    for (const step of order) await steps[step]?.();
    ends.add(JSON.stringify(await rowsOf(owner, call)).replaceAll(call, ""));
  }
  // Only the caller's clock differs: in versions, and in the end of the call.
  const withoutClocks = [...ends].map((rows) =>
    rows
      .replaceAll(/"c\d{16}"/g, '"c"')
      .replaceAll(/"ended_at":"[^"]+"/g, '"ended_at":""')
      .replaceAll(/"field_versions":(null|{[^}]*})/g, ""),
  );
  expect(new Set(withoutClocks).size).toBe(1);
});

describe("the caller is a source of its own", () => {
  const rows = async () => {
    const found = await rowsOf(owner, call);
    return { ...found?.call_tracking, ...found?.call_logs, ...found?.calls } as Record<string, unknown>;
  };
  const outcomes = async (...attempts: (() => Promise<Record<string, unknown>[]>)[]) => {
    const said: unknown[] = [];
    for (const attempt of attempts) said.push((await attempt())[0]?.outcome);
    return said;
  };
  const createWith = (number: string, lead: string | null, metadata: string | null) =>
    rpc(
      (tx) =>
        tx`select * from create_inbound_call_atomically(${fixture.orgId}, ${call}, null, ${number}, ${lead}, ${metadata}::text::jsonb)`,
    );
  const provider = (event: Partial<Report>, facts: Partial<CallFacts> = {}) =>
    record(reported({ ...SILENT_REPORT, endedAt: Date.UTC(2026, 2, 12, 15, 1), ...event }), {
      ...KNOWN_FACTS,
      ...facts,
    });

  test("a later value of the caller corrects an earlier one, any number of times", async () => {
    const said = outcomes(...[60, 61, 61, 60, 60].map((seconds) => () => complete(seconds)));
    expect(await said).toEqual(["applied", "applied", "duplicate", "applied", "duplicate"]);
    expect(await rows()).toMatchObject({ duration_seconds: 60, ended_at: expect.any(String) });
  });

  test("the last transcript, recording and path win, and the upload fetches the last recording", async () => {
    const urls = ["https://r.test/b.wav?sig=1", "https://r.test/a.wav?sig=1", "https://r.test/a.wav?sig=2"];
    const said = outcomes(
      () => keep(urls[0] ?? "", null, "one two three"),
      () => keep(urls[1] ?? "", null, "one"),
      () => keep(urls[1] ?? "", null, "one"),
      () => keep(urls[2] ?? "", null, null),
    );
    expect(await said).toEqual(["applied", "applied", "duplicate", "applied"]);
    expect(await rows()).toMatchObject({ transcript: "one", recording_url: "https://r.test/a.wav" });
    const job = owner`select source_url, recording_url from recording_upload_queue where call_id = ${await callId()}`;
    expect(await job).toEqual([{ source_url: urls[2], recording_url: "https://r.test/a.wav" }]);
    const paths = outcomes(
      () => keep(null, "b.wav", null),
      () => keep(null, "a.wav", null),
      () => keep(null, "a.wav", null),
    );
    expect(await paths).toEqual(["applied", "applied", "duplicate"]);
    expect(await rows()).toMatchObject({ recording_storage_path: "a.wav" });
  });

  test("the last number, lead, note and direction win", async () => {
    const [one, other] = [randomUUID(), randomUUID()].sort();
    const said = outcomes(
      () => createWith("+12025550149", other ?? "", '{"b":1}'),
      () => createWith("+12025550143", one ?? "", '{"a":1}'),
      () => createWith("+12025550143", one ?? "", '{"a":1}'),
      () => keep(null, null, "t", "web"),
      () => keep(null, null, "t", "inbound"),
      () => keep(null, null, "t", "inbound"),
    );
    expect(await said).toEqual(["applied", "applied", "duplicate", "applied", "applied", "duplicate"]);
    const corrected = {
      customer_number: "+12025550143",
      lead_id: one,
      metadata: { a: 1 },
      direction: "inbound",
    };
    expect(await rows()).toMatchObject(corrected);
  });

  test("values of the provider win, earlier or later, and the result says so", async () => {
    await complete(62);
    await keep("https://r.test/mine.wav", null, "mine", "web");
    await provider(
      {
        transcript: "theirs",
        durationSeconds: 60,
        recordings: [{ channel: "mono", url: "https://r.test/theirs.wav" }],
      },
      { customerNumber: "+12025550162" },
    );
    const said = outcomes(
      () => complete(63),
      () => keep("https://r.test/mine.wav", null, "mine again", "outbound"),
      () => createWith("+12025550143", null, null),
    );
    expect(await said).toEqual(["duplicate", "duplicate", "duplicate"]);
    expect(await rows()).toMatchObject({
      transcript: "theirs",
      recording_url: "https://r.test/theirs.wav",
      duration_seconds: 60,
      customer_number: "+12025550162",
      direction: "inbound",
      ended_at: "2026-03-12T15:01:00.000Z",
    });
  });

  test("the caller fills in values that the provider lacks, until the provider gives them", async () => {
    expect(await outcomes(() => complete(62))).toEqual(["applied"]);
    await provider({ transcript: "AI: hi", summary: "s", endedAt: null });
    expect(await rows()).toMatchObject({ duration_seconds: 62, transcript: "AI: hi", summary: "s" });
    expect(
      await outcomes(
        () => complete(61),
        () => keep(null, null, "mine"),
      ),
    ).toEqual(["applied", "duplicate"]);
    expect(await rows()).toMatchObject({ duration_seconds: 61, transcript: "AI: hi" });
  });

  test("the caller's duration stays beside a start of the provider: the caller's clock is not the end of the conversation", async () => {
    await record({ ...said, kind: "call.progressed", phase: "in_progress" }, KNOWN_FACTS);
    await complete(62);
    expect(await rows()).toMatchObject({ duration_seconds: 62, started_at: "2026-03-12T15:00:00.000Z" });
  });
});

describe("bad input is refused with a clear SQLSTATE, and nothing is written", () => {
  const fails = async (attempt: Promise<unknown>, code: string, message: RegExp) => {
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await rowsOf(owner, call)).toBeNull();
  };

  test("no organization", () => fails(create(null), "22004", /p_org_id is null/));
  test("unknown organization", () => fails(create(randomUUID()), "23503", /no such organization/));
  test("no call id", () => fails(create(fixture.orgId, null), "22023", /1 to 200 characters/));
  test("a call id that is too long", () =>
    fails(create(fixture.orgId, "x".repeat(201)), "22023", /1 to 200/));
  test("another organization's agent", () =>
    fails(create(fixture.orgId, call, randomUUID()), "23503", /no such agent/));
  test("a negative duration", () => fails(complete(-1), "22023", /negative/));
  test("another call's tracking id", async () => {
    const [other] = await create(fixture.orgId, `other of ${call}`);
    await fails(complete(1, other?.call_id), "22023", /is the id of another call/);
  });
  test("an unknown call type", () =>
    fails(keep(null, "p", null, "conference"), "22023", /inbound, outbound or web/));
});
