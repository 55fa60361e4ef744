import { afterAll, beforeAll, expect, test } from "vitest";
import type { Reader } from "../src/read/index.ts";
import { findCall, openReader, readCall, readTimeline } from "../src/read/index.ts";
import { AT, ended, known, report, ringing, useLedger } from "../src/testing/ledger-under-test.ts";

const ledger = useLedger();
let reader: Reader;

beforeAll(() => {
  reader = openReader(ledger.db.appUrl, { max: 1, name: "detail test" });
});
afterAll(() => reader.pool.close(1_000));

const ALL = { details: true, costs: true, prompts: true, namesDestination: () => false };

async function booked(): Promise<string> {
  await ledger.record(ledger.delivery(ringing, known));
  await ledger.record(ledger.delivery(ended, known));
  await ledger.record(ledger.delivery(report([{ url: "https://r.test/a?sig=1", expiresAt: AT }]), known));
  const id = await reader.as(ledger.fixture.orgId, (db) => findCall(db, ledger.fixture.orgId, ledger.call));
  return id ?? "";
}

test("a call is found by either id, and ours goes before an equal one of the provider", async () => {
  const id = await booked();
  const find = (call: string, orgId = ledger.fixture.orgId) =>
    reader.as(orgId, (db) => findCall(db, orgId, call));
  expect(await find(id)).toBe(id);
  expect(await find("no such call")).toBeNull();
  const [other] = await ledger.owner`insert into organizations (name) values ('next door') returning id`;
  expect(await find(id, other?.id)).toBeNull();
  expect(await find(ledger.call, other?.id)).toBeNull();
  ledger.call = id;
  await ledger.record(ledger.delivery(ringing, known));
  expect(await find(id)).toBe(id);
});

test("a call is read with its recordings and the requested parts", async () => {
  const { orgId } = ledger.fixture;
  const id = await booked();
  await ledger.owner`update call_logs set analysis = '"3"', messages = '[{"role":"user"}]',
    cost_breakdown = '{"llm":0.01}' where id = ${id}`;
  await ledger.owner`insert into call_annotations (org_id, call_id, tags, note)
    values (${orgId}, ${id}, array['a,b', 'ü'], 'n')`;
  const call = await reader.as(orgId, (db) => readCall(db, orgId, id, ALL));
  expect(call).toMatchObject({
    id,
    phase: "ended",
    outcome: "completed",
    startedAt: new Date(AT + 3_500),
    ringingAt: new Date(AT),
    costUsd: "0.030000",
    timeZone: "UTC",
    recordingState: "pending",
    tags: ["a,b", "ü"],
    note: "n",
    recordings: [{ channel: "mono", state: "pending", attempts: 0 }],
    details: { transcript: "Hello", analysis: '"3"', messages: '[{"role": "user"}]', segments: [] },
    costs: { breakdown: '{"llm": 0.01}' },
    prompts: [],
  });
  const little = await reader.as(orgId, (db) =>
    readCall(db, orgId, id, { ...ALL, details: false, costs: false, prompts: false }),
  );
  expect(little).toMatchObject({ details: null, costs: null, prompts: null });
});

test("the event of a forwarding is read only if the report does not name the destination", async () => {
  const { orgId } = ledger.fixture;
  const id = await booked();
  const forwarding = async (namesDestination: () => boolean) =>
    (await reader.as(orgId, (db) => readCall(db, orgId, id, { ...ALL, namesDestination })))?.details
      ?.forwarding;
  await ledger.owner`update processed_webhook_events set phase = 'forwarding', details = '{"to": "them"}'
    where phase = 'ringing'`;
  await ledger.owner`update call_logs set details = '{"destination": 1}' where id = ${id}`;
  expect(await forwarding(() => false)).toBeNull();
  await ledger.owner`update call_tracking set forwarded_to = '+12025550180' where id = ${id}`;
  await ledger.owner`update calls set forwarded_to = '+12025550180' where id = ${id}`;
  expect(await forwarding(() => false)).toBe('{"to": "them"}');
  expect(await forwarding(() => true)).toBeNull();
});

test("the timeline is in the order of the events", async () => {
  const { orgId } = ledger.fixture;
  const id = await booked();
  const events = await reader.as(orgId, (db) => readTimeline(db, orgId, id));
  expect(
    events.map(({ phase, occurredAt, hasPayload, isReport }) => [
      phase,
      occurredAt?.getTime(),
      hasPayload,
      isReport,
    ]),
  ).toEqual([
    ["ringing", AT, true, false],
    ["ended", AT + 20_000, true, false],
    [null, AT + 30_000, true, true],
  ]);
});

test("a reader writes nothing, and sees only the organization for which it was opened", async () => {
  const { orgId } = ledger.fixture;
  const id = await booked();
  const [other] = await ledger.owner`insert into organizations (name) values ('next door') returning id`;
  expect(await reader.as(other?.id, (db) => readCall(db, orgId, id, ALL))).toBeNull();
  expect(await reader.as(other?.id, (db) => readTimeline(db, orgId, id))).toEqual([]);
  await expect(reader.as(orgId, (db) => db.execute("delete from call_annotations"))).rejects.toMatchObject({
    code: "25006",
  });
});

test("a read that takes too long ends at the server too, and delays no other", async () => {
  const { orgId } = ledger.fixture;
  await expect(reader.as(orgId, (db) => db.execute("select pg_sleep(120)"), 300)).rejects.toMatchObject({
    kind: "unavailable",
  });
  expect(await reader.as(orgId, (db) => findCall(db, orgId, "none"))).toBeNull();
  await expect
    .poll(
      async () =>
        (
          await ledger.owner`select from pg_stat_activity
          where query like '%pg_sleep%' and state = 'active' and application_name = 'detail test'`
        ).length,
    )
    .toBe(0);
});
