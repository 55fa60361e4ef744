import { randomBytes, randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import {
  capQuarantine,
  dropEvents,
  dropExpiredAccess,
  dropPayloads,
  dropQuarantined,
  FROM_THE_BEGINNING,
  quarantineAges,
} from "../src/jobs/index.ts";
import { PLATFORM_ACCOUNT } from "../src/testing/index.ts";
import { useJobs } from "../src/testing/jobs-under-test.ts";

const DAY_MS = 86_400_000;
const BEFORE = Date.UTC(2026, 2, 1);

const jobs = useJobs();

beforeEach(async () => {
  await jobs.owner`delete from processed_webhook_events`;
  await jobs.owner`delete from quarantined_deliveries`;
});

/** Inserts `count` events with payloads, one every minute up to `until`; or all exactly at `until`. */
async function events(name: string, count: number, until: number, together = false): Promise<void> {
  await jobs.owner`insert into processed_webhook_events
    (org_id, event_id, event_type, provider, provider_call_id, received_at, created_at, payload)
    select ${jobs.fixture.orgId}, ${name}::text || n, 't', 'vapi', 'c', now(),
      ${new Date(until)}::timestamptz - ${together ? 0 : 1}::int * n * interval '1 minute', decode(repeat('ab', 50), 'hex')
    from generate_series(1, ${count}::int) n`;
}

const counts = async () => {
  const [row] = await jobs.owner`select count(*)::int as events, count(payload)::int as payloads
    from processed_webhook_events`;
  return [row?.events, row?.payloads];
};

async function stepsOf(drop: typeof dropPayloads, max: number): Promise<number[]> {
  const steps: number[] = [];
  let after = FROM_THE_BEGINNING;
  for (;;) {
    const step = await drop(jobs.session, { after, before: BEFORE, max });
    steps.push(step.dropped);
    after = step.reached;
    if (step.done) return steps;
    if (steps.length > 100) throw new Error("the steps do not end");
  }
}

test("old payloads are emptied in batches; their events and everything younger stay", async () => {
  await events("old-", 25, BEFORE - 1);
  await events("young-", 5, BEFORE + 10 * 60_000);
  expect(await stepsOf(dropPayloads, 10)).toEqual([10, 10, 5]);
  expect(await counts()).toEqual([30, 5]);
  expect(await stepsOf(dropPayloads, 10)).toEqual([0, 0, 0]);
});

test("an event that is exactly as old as the limit stays", async () => {
  await events("edge-", 3, BEFORE, true);
  expect(await stepsOf(dropPayloads, 10)).toEqual([0]);
  expect(await stepsOf(dropEvents, 10)).toEqual([0]);
  expect(await counts()).toEqual([3, 3]);
});

test("old events are deleted with their guard; younger ones stay", async () => {
  await events("old-", 25, BEFORE - 1);
  await events("young-", 5, BEFORE + 10 * 60_000);
  expect(await stepsOf(dropEvents, 10)).toEqual([10, 10, 5]);
  expect(await counts()).toEqual([5, 5]);
});

test.each([dropPayloads, dropEvents])(
  "more events of one transaction than fit into a batch are no obstacle (%o)",
  async (drop) => {
    await events("imported-", 95, BEFORE - DAY_MS, true);
    await events("later-", 5, BEFORE - 1);
    const steps = await stepsOf(drop, 10);
    expect(Math.max(...steps)).toBe(20);
    expect(steps.reduce((sum, step) => sum + step)).toBe(100);
  },
);

test("a mark keeps the microseconds of Postgres", async () => {
  await events("fine-", 2, BEFORE - DAY_MS);
  await jobs.owner`update processed_webhook_events set created_at = created_at + interval '123 microseconds'`;
  const { reached, dropped } = await dropPayloads(jobs.session, {
    after: FROM_THE_BEGINNING,
    before: BEFORE,
    max: 1,
  });
  expect(dropped).toBe(1);
  expect(reached).toMatch(/\.000123/);
});

test.each(["drop_payloads", "drop_events"])("%s reads its batch and not the whole table", async (drop) => {
  await events("many-", 20_000, BEFORE - 1);
  await jobs.owner`update processed_webhook_events set payload = null where created_at < ${new Date(BEFORE - DAY_MS)}`;
  // Without this, the result would depend on the last autovacuum after the deletions of earlier tests.
  await jobs.owner`vacuum analyze processed_webhook_events`;
  const [table] = await jobs.owner`select pg_relation_size('processed_webhook_events') / 8192 as pages`;
  expect(Number(table?.pages)).toBeGreaterThan(500);
  // A mark in the middle, and a batch in which drop_payloads finds nothing and drop_events little.
  const [plan] = await jobs.owner.unsafe(
    `explain (analyze, buffers, format json) select * from call_ledger.${drop}('2026-02-20', '2026-03-01', 20)`,
  );
  const [{ Plan: top }] = plan?.["QUERY PLAN"] ?? [];
  expect(top["Shared Hit Blocks"] + top["Shared Read Blocks"]).toBeLessThan(Number(table?.pages));
});

test("a row that another transaction holds is awaited for half a second at most", async () => {
  await events("held-", 3, BEFORE - 1);
  const holding = await jobs.owner.reserve();
  try {
    await holding`begin`;
    await holding`select from processed_webhook_events for update`;
    const batch = { after: FROM_THE_BEGINNING, before: BEFORE, max: 10 };
    await expect(dropPayloads(jobs.session, batch)).rejects.toMatchObject({
      kind: "unavailable",
      code: "55P03",
    });
    await holding`rollback`;
    expect((await dropPayloads(jobs.session, batch)).dropped).toBe(3);
  } finally {
    holding.release();
  }
});

test("an event that comes again without its guard changes only the timeline", async () => {
  const callId = await jobs.bookCall("guarded");
  const layers = async () => [
    await jobs.owner`select * from calls where id = ${callId}`,
    await jobs.owner`select * from call_tracking where id = ${callId}`,
    await jobs.owner`select * from call_logs where id = ${callId}`,
    await jobs.owner`select id, status, source_url from recording_upload_queue where call_id = ${callId}`,
  ];
  const before = await layers();
  await jobs.owner`delete from processed_webhook_events`;
  expect(await jobs.bookCall("guarded")).toBe(callId);
  expect(await layers()).toEqual(before);
  expect(await counts()).toEqual([1, 1]);
});

type Waiting = { receivedAt: number; replayedAt?: number; bytes?: number; translated?: boolean };

async function quarantined({
  receivedAt,
  replayedAt,
  bytes = 0,
  translated = true,
}: Waiting): Promise<string> {
  const [row] = await jobs.owner`insert into quarantined_deliveries
    (provider, provider_account_id, reason, event_type, content_key, events, payload, received_at, replayed_at)
    values ('vapi', ${PLATFORM_ACCOUNT}, 'unknown_agent', 't', ${randomUUID()},
      ${translated ? jobs.owner.json([{ a: 1 }]) : null}, decode(repeat('ab', ${bytes}::int), 'hex'),
      ${new Date(receivedAt)}, ${replayedAt === undefined ? null : new Date(replayedAt)}) returning id`;
  return String(row?.id);
}

const left = async () => {
  const rows = await jobs.owner`select id from quarantined_deliveries order by received_at`;
  return rows.map((row) => row.id);
};

test("quarantined deliveries are deleted long after their replay, or when they have waited too long", async () => {
  const bounds = { replayedBefore: BEFORE, receivedBefore: BEFORE - 300 * DAY_MS };
  await quarantined({ receivedAt: BEFORE - 400 * DAY_MS });
  await quarantined({ receivedAt: BEFORE - 20 * DAY_MS, replayedAt: BEFORE - 1 });
  const waits = await quarantined({ receivedAt: BEFORE - 200 * DAY_MS });
  const replayed = await quarantined({ receivedAt: BEFORE - 10 * DAY_MS, replayedAt: BEFORE });
  expect(await dropQuarantined(jobs.session, { ...bounds, max: 1 })).toBe(1);
  expect(await dropQuarantined(jobs.session, { ...bounds, max: 10 })).toBe(1);
  expect(await dropQuarantined(jobs.session, { ...bounds, max: 10 })).toBe(0);
  expect(await left()).toEqual([waits, replayed]);
});

test("the age of the quarantine is that of its oldest waiting delivery", async () => {
  expect(await quarantineAges(jobs.session)).toEqual({ waiting: 0, oldestSeconds: null, replayed: 0 });
  await quarantined({ receivedAt: Date.now() - 5 * DAY_MS, replayedAt: Date.now() });
  await quarantined({ receivedAt: Date.now() - 2 * DAY_MS });
  await quarantined({ receivedAt: Date.now() });
  const { waiting, oldestSeconds, replayed } = await quarantineAges(jobs.session);
  expect([waiting, replayed]).toEqual([2, 1]);
  expect(oldestSeconds).toBeCloseTo(2 * 86_400, -2);
});

test("beyond an account's share, payloads that booking does not need are removed first, then the oldest deliveries", async () => {
  const megabyte = (place: number, translated: boolean) =>
    quarantined({ receivedAt: BEFORE + place, bytes: 1_000_000, translated });
  const unreadable = [await megabyte(1, false), await megabyte(2, false)];
  const bookable = [await megabyte(3, true), await megabyte(4, true)];
  const newest = await megabyte(5, false);
  expect(await capQuarantine(jobs.session, { maxBytes: 100_000_000, max: 10 })).toEqual({
    payloads: 0,
    deliveries: 0,
  });
  const cap = { maxBytes: 1_600_000, max: 1 };
  expect(await capQuarantine(jobs.session, cap)).toEqual({ payloads: 1, deliveries: 0 });
  expect(await capQuarantine(jobs.session, cap)).toEqual({ payloads: 1, deliveries: 0 });
  expect(await capQuarantine(jobs.session, cap)).toEqual({ payloads: 0, deliveries: 1 });
  expect(await left()).toEqual([unreadable[1], ...bookable, newest]);
  expect(await capQuarantine(jobs.session, cap)).toEqual({ payloads: 0, deliveries: 1 });
  expect(await capQuarantine(jobs.session, cap)).toEqual({ payloads: 0, deliveries: 0 });
  expect(await left()).toEqual([...bookable, newest]);
});

test("deliveries that wait for nothing are removed before any that waits, however new they are", async () => {
  const waits = await quarantined({ receivedAt: BEFORE, bytes: 1_000_000 });
  for (const place of [1, 2]) {
    await quarantined({
      receivedAt: BEFORE + place,
      replayedAt: BEFORE,
      bytes: 1_000_000,
      translated: false,
    });
  }
  const cap = { maxBytes: 1_600_000, max: 10 };
  expect(await capQuarantine(jobs.session, cap)).toEqual({ payloads: 0, deliveries: 2 });
  expect(await capQuarantine(jobs.session, cap)).toEqual({ payloads: 0, deliveries: 0 });
  expect(await left()).toEqual([waits]);
});

test("a flood of one account removes no deliveries of another", async () => {
  const [own] = jobs.fixture.accounts.filter(({ given }) => given);
  await quarantined({ receivedAt: BEFORE, bytes: 1_000_000, translated: false });
  const theirs = await quarantined({ receivedAt: BEFORE - DAY_MS, bytes: 1_000_000, translated: false });
  await jobs.owner`update quarantined_deliveries set provider_account_id = ${own?.id ?? null} where id = ${theirs}`;
  await quarantined({ receivedAt: BEFORE + 1, bytes: 1_000_000, translated: false });
  expect(await capQuarantine(jobs.session, { maxBytes: 1_100_000, max: 10 })).toEqual({
    payloads: 0,
    deliveries: 1,
  });
  expect(await left()).toContain(theirs);
});

test("no role can delete data that is younger than a day, or empty the quarantine", async () => {
  await events("new-", 3, Date.now());
  await quarantined({ receivedAt: Date.now() });
  const batch = { after: FROM_THE_BEGINNING, before: Date.now() - DAY_MS + 7_200_000, max: 10 };
  const refused = { code: "22023" };
  await expect(dropPayloads(jobs.session, batch)).rejects.toMatchObject(refused);
  await expect(dropEvents(jobs.session, batch)).rejects.toMatchObject(refused);
  for (const young of ["replayedBefore", "receivedBefore"]) {
    const bounds = { replayedBefore: BEFORE, receivedBefore: BEFORE, max: 10, [young]: batch.before };
    await expect(dropQuarantined(jobs.session, bounds), young).rejects.toMatchObject(refused);
  }
  await expect(capQuarantine(jobs.session, { maxBytes: 0, max: 10 })).rejects.toMatchObject(refused);
  const endless = "select * from call_ledger.drop_events('-infinity', 'infinity', 10)";
  await expect(jobs.session.run((sql) => sql.unsafe(endless))).rejects.toMatchObject(refused);
  expect(await counts()).toEqual([3, 3]);
  expect(await left()).toHaveLength(1);
});

test("expired sessions, sign-in links and kept replies are deleted in batches", async () => {
  const { owner, session, fixture } = jobs;
  const ages = [1, 23, 25, 47, 89 * 24, 91 * 24, 92 * 24];
  for (const hours of ages) {
    const at = new Date(Date.now() - hours * 3_600_000);
    const ends = { expires_at: at, org_id: null, member_id: null };
    const later = new Date(Date.now() + DAY_MS);
    await owner`insert into sessions ${owner({ ...ends, token_hash: randomBytes(32) })}`;
    await owner`insert into sessions ${owner({ ...ends, token_hash: randomBytes(32), expires_at: later, revoked_at: at })}`;
    await owner`insert into sign_in_links ${owner({ ...ends, token_hash: randomBytes(32) })}`;
    await owner`insert into idempotency_keys ${owner({
      credential_id: randomUUID(),
      key: "k",
      org_id: fixture.orgId,
      request_hash: randomBytes(32),
      created_at: at,
    })}`;
  }
  expect(await dropExpiredAccess(session, 2)).toBe(6);
  expect(await dropExpiredAccess(session, 100)).toBe(8);
  expect(await dropExpiredAccess(session, 100)).toBe(0);
  const [left] = await owner`select (select count(*)::int from sessions) as sessions,
    (select count(*)::int from sign_in_links) as links, (select count(*)::int from idempotency_keys) as replies`;
  expect(left).toEqual({ sessions: 10, links: 2, replies: 2 });
});
