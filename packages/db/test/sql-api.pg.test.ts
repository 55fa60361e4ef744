import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { StoryWorld, TestDatabase } from "../src/testing/index.ts";
import { createStoryWorld, rowsOf, testDatabase } from "../src/testing/index.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let app: postgres.Sql;
let world: StoryWorld;
let call = "";
let calls = 0;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 2 });
  app = postgres(db.appUrl, { max: 2 });
  world = await createStoryWorld(owner);
});

beforeEach(() => {
  call = `rpc-${++calls}`;
});

afterAll(async () => {
  await Promise.all([owner.end(), app.end()]);
  await db.drop();
});

/** Calls one of the three functions as the writer, which may execute them and do nothing else. */
const rpc = (query: (tx: postgres.TransactionSql) => postgres.PendingQuery<postgres.Row[]>) =>
  app.begin(async (tx) => {
    await tx.unsafe("set local role call_ledger_writer");
    return [...(await query(tx))];
  });
const create = (org: string | null = world.orgId, id: string | null = call, agent: string | null = null) =>
  rpc(
    (tx) =>
      tx`select * from create_inbound_call_atomically(${org}, ${id}, ${agent}, '+12025550143', null, '{"a":null}')`,
  );
const complete = (
  seconds: number | null = 42,
  tracking: string | null = null,
  org: string | null = world.orgId,
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
      tx`select * from update_call_with_recording_atomically(${world.orgId}, ${call}, ${url}, ${path}, ${transcript}, ${type})`,
  );
const callId = async () => (await owner`select id from calls where provider_call_id = ${call}`)[0]?.id;

test("create books an inbound ringing call, once", async () => {
  const agent = world.agents[0]?.id ?? null;
  const first = await create(world.orgId, call, agent);
  expect(first).toEqual([{ call_id: await callId(), outcome: "applied" }]);
  expect(await create(world.orgId, call, agent)).toEqual([{ ...first[0], outcome: "duplicate" }]);
  const rows = await rowsOf(owner, call);
  expect(rows?.calls).toMatchObject({
    org_id: world.orgId,
    phase: "ringing",
    direction: "inbound",
    agent_id: agent,
  });
  expect(rows?.call_tracking).toMatchObject({ customer_number: "+12025550143", metadata: { a: null } });
});

test("completed ends the call with its duration; the call need not be there before", async () => {
  expect(await complete()).toEqual([{ call_id: await callId(), outcome: "applied" }]);
  expect((await rowsOf(owner, call))?.calls).toMatchObject({
    phase: "ended",
    outcome: "completed",
    duration_seconds: 42,
  });
  expect(await complete()).toEqual([{ call_id: await callId(), outcome: "duplicate" }]);
});

test("a recording URL is queued, a storage path is taken as stored, a transcript is kept", async () => {
  const url = "https://r.test/a.wav?sig=1";
  expect(await keep(url, null, "hello", "outbound")).toEqual([
    { call_id: await callId(), outcome: "applied" },
  ]);
  expect(await keep(null, "org/a/mono.wav", null)).toEqual([{ call_id: await callId(), outcome: "applied" }]);
  expect(await keep(null, "org/a/mono.wav", null)).toEqual([
    { call_id: await callId(), outcome: "duplicate" },
  ]);
  const rows = await rowsOf(owner, call);
  expect(rows?.calls).toMatchObject({ recording_storage_path: "org/a/mono.wav", direction: "outbound" });
  expect(rows?.call_logs).toMatchObject({ transcript: "hello", recording_url: "https://r.test/a.wav" });
  const [job] =
    await owner`select status, source_url, storage_path from recording_upload_queue where call_id = ${await callId()}`;
  expect(job).toEqual({ status: "stored", source_url: url, storage_path: "org/a/mono.wav" });
});

test("any order of the three ends in the same rows", async () => {
  const agent = world.agents[0]?.id ?? null;
  const steps = [
    () => create(world.orgId, call, agent),
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
  const withoutVersions = [...ends].map((rows) => rows.replaceAll(/"\d{15}[\w-]{12}"/g, '""'));
  expect(new Set(withoutVersions).size).toBe(1);
});

describe("bad input is refused with a clear SQLSTATE, and nothing is written", () => {
  const fails = async (attempt: Promise<unknown>, code: string, message: RegExp) => {
    await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(await rowsOf(owner, call)).toBeNull();
  };

  test("no organization", () => fails(create(null), "22004", /p_org_id is null/));
  test("unknown organization", () => fails(create(randomUUID()), "23503", /no such organization/));
  test("no call id", () => fails(create(world.orgId, null), "22023", /1 to 200 characters/));
  test("a call id that is too long", () => fails(create(world.orgId, "x".repeat(201)), "22023", /1 to 200/));
  test("another organization's agent", () =>
    fails(create(world.orgId, call, randomUUID()), "23503", /no such agent/));
  test("a negative duration", () => fails(complete(-1), "22023", /negative/));
  test("another call's tracking id", () =>
    fails(complete(1, randomUUID()), "22023", /not the id of this call/));
  test("nothing to keep", () => fails(keep(null, "", ""), "22023", /at least one/));
  test("an unknown call type", () =>
    fails(keep(null, "p", null, "conference"), "22023", /inbound, outbound or web/));
});

test("a call that another organization has booked is refused", async () => {
  const [other] = await owner`insert into organizations (name) values ('other') returning id`;
  await create();
  await expect(complete(1, null, other?.id)).rejects.toMatchObject({ code: "42501" });
  expect((await rowsOf(owner, call))?.calls).toMatchObject({ org_id: world.orgId, phase: "ringing" });
});
