import { randomUUID } from "node:crypto";
import type { CallEvent, CallFacts } from "@call-ledger/domain";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openPool, type Pool } from "../src/client/index.ts";
import type { StoryWorld, TestDatabase } from "../src/testing/index.ts";
import { createStoryWorld, PLATFORM_ACCOUNT, rowsOf, testDatabase, toRecord } from "../src/testing/index.ts";
import type { DeliveryToRecord } from "../src/write/index.ts";
import { bookDeliveries, recordDeliveries, replayWaiting, unpackPayload } from "../src/write/index.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let pool: Pool;
let world: StoryWorld;
let call = "";
let calls = 0;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 2 });
  pool = openPool(db.appUrl, { max: 4, name: "record", prepare: true });
  world = await createStoryWorld(owner);
});

beforeEach(() => {
  call = `call-${++calls}`;
});

afterAll(async () => {
  await pool.close(1_000);
  await owner.end();
  await db.drop();
});

const OPTIONS = { transport: "prepared", deadlineMs: 10_000 } as const;
const AT = Date.UTC(2026, 2, 12, 15);
const nobody: CallFacts = {
  providerAgentId: null,
  providerPhoneNumberId: null,
  ourNumber: null,
  customerNumber: null,
  direction: "unknown",
};
const known: CallFacts = { ...nobody, providerAgentId: "asst-1" };
const ringing: CallEvent = {
  kind: "call.progressed",
  phase: "ringing",
  type: "status-update",
  occurredAt: AT,
};
const ended: CallEvent = {
  kind: "call.ended",
  ending: { reason: "customer-ended-call", outcome: "completed" },
  type: "status-update",
  occurredAt: AT + 20_000,
};
const report = (
  sources: { url: string; expiresAt: number }[],
  transcript: string | null = "Hello",
): CallEvent => ({
  kind: "call.reported",
  type: "end-of-call-report",
  occurredAt: AT + 30_000,
  report: {
    source: "webhook",
    revisedAt: AT + 20_000,
    transcript,
    messages: null,
    summary: null,
    analysis: null,
    costUsd: 0.03,
    costBreakdown: null,
    startedAt: AT + 3_500,
    endedAt: AT + 20_000,
    ending: { reason: "customer-ended-call", outcome: "completed" },
    durationSeconds: 17,
    recordings: [{ channel: "mono", url: "https://r.test/mono.wav" }],
  },
  sources: sources.map((source) => ({ channel: "mono", ...source })),
});

const delivery = (event: CallEvent, facts: CallFacts = known, account = 0): DeliveryToRecord =>
  toRecord(world, call, { account, facts, event });
const record = async (...deliveries: DeliveryToRecord[]) =>
  (await recordDeliveries(pool, deliveries, OPTIONS)).map(({ outcome, reason }) => reason ?? outcome);
const book = async (...deliveries: DeliveryToRecord[]) =>
  (await bookDeliveries(pool, deliveries, OPTIONS)).map(({ outcome, reason }) => reason ?? outcome);
const job = async () => {
  const [row] = await owner`
    select q.status, q.source_url, q.source_expires_at, q.recording_url, q.attempts
    from recording_upload_queue q join calls c on c.org_id = q.org_id and c.id = q.call_id
    where c.provider_call_id = ${call}`;
  return row;
};

describe("claims", () => {
  test("a first delivery is applied, the same again is a duplicate, an observation is observed", async () => {
    const hang: CallEvent = { kind: "call.observed", type: "hang", occurredAt: AT, discriminator: null };
    expect(await record(delivery(ringing))).toEqual(["applied"]);
    expect(await record(delivery(ringing))).toEqual(["duplicate"]);
    expect(await record(delivery(hang), delivery(hang))).toEqual(["observed", "duplicate"]);
  });

  test("a duplicate writes no row", async () => {
    await record(delivery(ringing), delivery(report([])));
    const state = () =>
      owner`
      select c.xmin::text, t.xmin::text, l.xmin::text, r.xmin::text from calls c
      join call_tracking t using (org_id, id) join call_logs l using (org_id, id)
      join call_routes r on r.provider_call_id = c.provider_call_id where c.provider_call_id = ${call}`.values();
    const before = await state();
    expect(await record(delivery(ringing), delivery(report([])))).toEqual(["duplicate", "duplicate"]);
    expect(await state()).toEqual(before);
  });

  test("the payload stands with the event that it came with", async () => {
    await record(delivery(ringing));
    const [row] = await owner`select payload from processed_webhook_events where provider_call_id = ${call}`;
    expect(unpackPayload(row?.payload)).toBe('{"told":"call.progressed"}');
  });

  test.each(["prepared", "literal"] as const)("transport %s books the same", async (transport) => {
    const outcomes = await recordDeliveries(pool, [delivery(ringing), delivery(ended)], {
      ...OPTIONS,
      transport,
    });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["applied", "applied"]);
    expect((await rowsOf(owner, call))?.calls).toMatchObject({ phase: "ended", outcome: "completed" });
  });
});

describe("whose call it is", () => {
  const other = async (providerAgentId: string, phone: string | null = null) => {
    const orgId = randomUUID();
    await owner`insert into organizations (id, name) values (${orgId}, 'other')`;
    await owner`insert into agents (org_id, provider_account_id, provider_agent_id, phone_number)
      values (${orgId}, ${PLATFORM_ACCOUNT}, ${providerAgentId}, ${phone})`;
    return orgId;
  };

  test("a delivery that nobody owns waits in quarantine, with nothing written for any organization", async () => {
    const before = await owner`select count(*) from calls`.values();
    expect(await record(delivery(ringing, nobody))).toEqual(["unknown_agent"]);
    expect(await record(delivery(ringing, nobody))).toEqual(["unknown_agent"]);
    expect(await owner`select count(*) from calls`.values()).toEqual(before);
    expect(await owner`select org_id from call_routes where provider_call_id = ${call}`.values()).toEqual([
      [null],
    ]);
    const waiting =
      await owner`select reason, replayed_at from quarantined_deliveries where provider_call_id = ${call}`;
    expect(waiting.map((row) => ({ ...row }))).toEqual([{ reason: "unknown_agent", replayed_at: null }]);
  });

  test("what waits is booked with the delivery that shows whose call it is, in the same transaction", async () => {
    expect(await record(delivery(ringing, nobody), delivery(report([]), nobody))).toEqual([
      "unknown_agent",
      "unknown_agent",
    ]);
    expect(await record(delivery(ended))).toEqual(["applied"]);
    expect((await rowsOf(owner, call))?.call_tracking).toMatchObject({
      phase: "ended",
      ringing_at: "2026-03-12T15:00:00.000Z",
    });
    expect((await rowsOf(owner, call))?.call_logs).toMatchObject({ transcript: "Hello" });
    const events =
      await owner`select event_type, payload is not null as kept from processed_webhook_events where provider_call_id = ${call}`;
    expect(events.map((row) => row.kept)).toEqual([true, true, true]);
    const waiting =
      await owner`select replayed_at is not null as done, payload from quarantined_deliveries where provider_call_id = ${call}`;
    expect(waiting.map((row) => ({ ...row }))).toEqual([
      { done: true, payload: null },
      { done: true, payload: null },
    ]);
    expect(await record(delivery(ringing, nobody))).toEqual(["duplicate"]);
  });

  test("what waits is booked by replayWaiting once the agent exists, and only then", async () => {
    const late = { ...nobody, providerAgentId: `late-${call}` };
    await record(delivery(ringing, late));
    await record(delivery(ended, late));
    expect(await replayWaiting(pool, { most: 100, deadlineMs: 5_000 })).toBe(0);
    const orgId = await other(`late-${call}`);
    expect(await replayWaiting(pool, { most: 100, deadlineMs: 5_000 })).toBe(1);
    expect((await rowsOf(owner, call))?.calls).toMatchObject({ org_id: orgId, phase: "ended" });
    expect(await replayWaiting(pool, { most: 100, deadlineMs: 5_000 })).toBe(0);
  });

  test("the organization of the first booking stands, whatever becomes of the agent", async () => {
    const first = { ...nobody, providerAgentId: `moves-${call}` };
    const orgId = await other(`moves-${call}`);
    await record(delivery(ringing, first));
    await owner`update agents set deleted_at = now() where provider_agent_id = ${`moves-${call}`}`;
    await other(`moves-${call}`);
    expect(await record(delivery(ended, first))).toEqual(["organization_conflict"]);
    expect(await record(delivery(ended, nobody))).toEqual(["applied"]);
    expect((await rowsOf(owner, call))?.calls).toMatchObject({ org_id: orgId, phase: "ended" });
    expect(await owner`select count(*)::int from calls where provider_call_id = ${call}`.values()).toEqual([
      [1],
    ]);
  });

  test("evidence for two organizations at once is a conflict", async () => {
    await other("unused", "+12025550177");
    expect(await record(delivery(ringing, { ...known, ourNumber: "+12025550177" }))).toEqual([
      "organization_conflict",
    ]);
    expect(await rowsOf(owner, call)).toBeNull();
  });

  test("in one batch as one by one: the first in order decides, the other is a conflict", async () => {
    const elsewhere = { ...nobody, providerAgentId: `else-${call}` };
    await other(`else-${call}`);
    expect(await record(delivery(ringing), delivery(ended, elsewhere))).toEqual([
      "applied",
      "organization_conflict",
    ]);
    expect((await rowsOf(owner, call))?.calls).toMatchObject({ org_id: world.orgId, phase: "ringing" });
  });

  test("the customer's number never tells whose call it is", async () => {
    expect(await record(delivery(ringing, { ...nobody, customerNumber: "+12025550100" }))).toEqual([
      "unknown_agent",
    ]);
  });

  test("an organization's own account books without an agent", async () => {
    expect(await record(delivery(ringing, nobody, 1))).toEqual(["applied"]);
    expect((await rowsOf(owner, call))?.calls).toMatchObject({ org_id: world.orgId, agent_id: null });
  });

  test("the reply to a question names the agent, also for a repetition", async () => {
    const asks = delivery(
      { kind: "call.observed", type: "assistant-request", occurredAt: AT, discriminator: null },
      { ...nobody, ourNumber: "+12025550101" },
    );
    const wanting =
      "facts" in asks.content ? { ...asks, content: { ...asks.content, wantsAgent: true } } : asks;
    for (const outcome of ["observed", "duplicate"]) {
      expect(await recordDeliveries(pool, [wanting], OPTIONS)).toEqual([
        { outcome, reason: null, providerAgentId: "asst-2" },
      ]);
    }
  });
});

describe("recordings", () => {
  const early = { url: "https://s.test/a?sig=1", expiresAt: AT + 3_600_000 };
  const late = { url: "https://s.test/a?sig=2", expiresAt: AT + 7_200_000 };

  test("a report queues its recording in the transaction that books it", async () => {
    await record(delivery(report([early])));
    expect(await job()).toMatchObject({
      status: "pending",
      source_url: early.url,
      recording_url: "https://r.test/mono.wav",
    });
  });

  test.each([
    { order: "as they came", first: early, second: late },
    { order: "the other way round", first: late, second: early },
  ])(
    "a redelivery is a duplicate and the source that expires later stands, $order",
    async ({ first, second }) => {
      expect(await record(delivery(report([first])))).toEqual(["applied"]);
      expect(await record(delivery(report([second])))).toEqual(["duplicate"]);
      expect(await job()).toMatchObject({ source_url: late.url });
    },
  );

  test("a fresh source wakes a failed job and leaves a stored one alone", async () => {
    await record(delivery(report([early])));
    await owner`update recording_upload_queue set status = 'failed', attempts = 20 where source_url = ${early.url} and status = 'pending'`;
    await record(delivery(report([late])));
    expect(await job()).toMatchObject({ status: "pending", attempts: 0, source_url: late.url });
    await owner`update recording_upload_queue q set status = 'stored', storage_path = 'p' from calls c where c.id = q.call_id and c.provider_call_id = ${call}`;
    expect(
      await record(delivery(report([{ url: "https://s.test/a?sig=3", expiresAt: AT + 9_000_000 }]))),
    ).toEqual(["duplicate"]);
    expect(await job()).toMatchObject({ status: "stored", source_url: late.url });
  });

  test("a stored recording's path stays on the call through later writes", async () => {
    await record(delivery(report([early])));
    await owner`update recording_upload_queue q set status = 'stored', storage_path = 'org/x' from calls c where c.id = q.call_id and c.provider_call_id = ${call}`;
    await record(delivery(ended));
    expect((await rowsOf(owner, call))?.calls).toMatchObject({ recording_storage_path: "org/x" });
  });
});

describe("the report layer", () => {
  test("a richer report later is merged, a thin one later takes nothing away", async () => {
    await record(delivery(report([], null)));
    await record(delivery(report([], "the whole talk")));
    const rich = await rowsOf(owner, call);
    expect(rich?.call_logs).toMatchObject({ transcript: "the whole talk" });
    const thin = report([], null);
    if (thin.kind !== "call.reported") throw new Error("not a report");
    await record(
      delivery({
        ...thin,
        report: { ...thin.report, costUsd: null, recordings: [], revisedAt: AT + 9_000_000 },
      }),
    );
    expect((await rowsOf(owner, call))?.call_logs).toMatchObject({
      transcript: "the whole talk",
      cost_usd: "0.030000",
    });
  });

  test("a report before everything else creates the ended call, and the rest still joins", async () => {
    await record(delivery(report([])));
    expect((await rowsOf(owner, call))?.calls).toMatchObject({
      phase: "ended",
      outcome: "completed",
      duration_seconds: 17,
    });
    await record(delivery(ringing));
    expect((await rowsOf(owner, call))?.calls).toMatchObject({ phase: "ended" });
    expect((await rowsOf(owner, call))?.call_tracking).toMatchObject({ phase: "ringing" });
  });

  test("a call without a report is complete after its end", async () => {
    const answered: CallEvent = {
      ...ringing,
      kind: "call.progressed",
      phase: "in_progress",
      occurredAt: AT + 3_500,
    };
    await record(delivery(ringing), delivery(answered), delivery(ended));
    expect((await rowsOf(owner, call))?.calls).toMatchObject({
      phase: "ended",
      outcome: "completed",
      duration_seconds: 17,
      ended_reason: "customer-ended-call",
    });
  });
});

describe("poison", () => {
  const poison = (): DeliveryToRecord => {
    const good = delivery(ended);
    if (!("facts" in good.content)) throw new Error("no content");
    return {
      ...good,
      content: {
        ...good.content,
        providerCallId: `${call}-poison`,
        facts: { ...known, customerNumber: "nul\u0000" },
      },
    };
  };

  test("one delivery that the database refuses goes to quarantine, the others of its batch are booked", async () => {
    expect(await book(delivery(ringing), poison(), delivery(ended))).toEqual([
      "applied",
      "refused",
      "applied",
    ]);
    expect((await rowsOf(owner, call))?.calls).toMatchObject({ phase: "ended" });
    const [row] =
      await owner`select reason, detail, payload from quarantined_deliveries where reason = 'refused' order by received_at desc limit 1`;
    expect(row).toMatchObject({ reason: "refused", detail: "refused: 22P05" });
    expect(unpackPayload(row?.payload)).toBe('{"told":"call.ended"}');
  });

  test("what could not be read is kept as it came, once", async () => {
    const broken: DeliveryToRecord = {
      ...delivery(ringing),
      payload: "{broken",
      content: { refusal: "unparseable", detail: null, contentKey: `bytes:${call}` },
    };
    expect(await record(broken, broken)).toEqual(["unparseable", "unparseable"]);
    const rows =
      await owner`select payload from quarantined_deliveries where content_key = ${`bytes:${call}`}`;
    expect(rows.map((row) => unpackPayload(row.payload))).toEqual(["{broken"]);
  });
});

test("it refuses to run under another isolation level", async () => {
  const refused = owner.begin(
    "isolation level repeatable read",
    (tx) => tx`select * from record_deliveries('[]', '{}')`,
  );
  await expect(refused).rejects.toMatchObject({ code: "25001" });
});
