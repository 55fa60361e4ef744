import { randomUUID } from "node:crypto";
import { boundedIdentifier, SILENT_REPORT } from "@call-ledger/domain";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
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

/* What callers of the time before call-ledger rely on, and what they may not do. */

let db: TestDatabase;
let owner: postgres.Sql;
let app: postgres.Sql;
let pool: Pool;
let fixture: OrganizationFixture;
let call = "";

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  app = postgres(db.appUrl, { max: 1 });
  pool = openPool(db.appUrl, { max: 1, name: "sql api test" });
  fixture = await createOrganizationFixture(owner);
});
beforeEach(() => {
  call = randomUUID();
});
afterAll(async () => {
  await Promise.all([owner.end(), app.end(), pool.close(1_000)]);
  await db.drop();
});

const complete = (tracking: string | null) =>
  app`select * from update_call_completed_atomically(${fixture.orgId}, ${call}, 42, ${tracking})`;
const keep = (url: string | null) =>
  app`select * from update_call_with_recording_atomically(${fixture.orgId}, ${call}, ${url})`;
const callId = async () => (await owner`select id from calls where provider_call_id = ${call}`)[0]?.id;

test("a tracking id of an older system is accepted and reported as unknown; the call's own id is known", async () => {
  expect((await complete(randomUUID()))[0]).toMatchObject({
    outcome: "applied",
    call_tracking_updated: false,
  });
  expect((await complete(await callId()))[0]).toMatchObject({ call_tracking_updated: true });
});

test("an id is trimmed like that of a delivery", async () => {
  for (const space of [
    " ",
    "\t",
    "\n",
    "\v",
    "\f",
    "\r",
    "\u00a0",
    "\u1680",
    "\u2003",
    "\u2028",
    "\u3000",
    "\ufeff",
  ]) {
    await app`select create_inbound_call_atomically(${fixture.orgId}, ${`${space}${call}${space}${space}`}, null, null)`;
    expect(boundedIdentifier(`${space}${call}${space}`)).toBe(call);
  }
  expect(
    (await owner`select provider_call_id from calls where strpos(provider_call_id, ${call}) > 0`).map(
      (row) => row.provider_call_id,
    ),
  ).toEqual([call]);
});

test("a recording, or no argument at all, ends the call as completed; the provider's ending stays", async () => {
  expect((await keep(null))[0]).toMatchObject({ call_id: await callId(), outcome: "applied", success: true });
  expect((await rowsOf(owner, call))?.calls).toMatchObject({
    phase: "ended",
    outcome: "completed",
    awaits_report: true,
  });
  await keep("https://r.test/a.wav");
  expect((await rowsOf(owner, call))?.calls).toMatchObject({ outcome: "completed", awaits_report: false });
  const ending = { reason: "voicemail", outcome: "voicemail" } as const;
  const event = { kind: "call.ended", type: "ended", occurredAt: null, ending } as const;
  await recordDeliveries(pool, [deliveryToBook(fixture, call, { account: 0, facts: KNOWN_FACTS, event })], {
    transport: "literal",
    deadlineMs: 5_000,
  });
  expect((await keep("https://r.test/a.wav"))[0]?.outcome).toBe("duplicate");
  expect((await rowsOf(owner, call))?.calls).toMatchObject({ outcome: "voicemail" });
});

test("facts that a report has already are not new, and the result is not applied", async () => {
  const ending = { reason: "customer-ended-call", outcome: "completed" } as const;
  const report = { ...SILENT_REPORT, ending, endedAt: Date.UTC(2026, 2, 12), durationSeconds: 60 };
  const event = { kind: "call.reported", type: "report", occurredAt: null, report, sources: [] } as const;
  await recordDeliveries(pool, [deliveryToBook(fixture, call, { account: 0, facts: KNOWN_FACTS, event })], {
    transport: "literal",
    deadlineMs: 5_000,
  });
  const before = await rowsOf(owner, call);
  expect((await complete(null))[0]?.outcome).toBe("duplicate");
  expect((await keep(null))[0]?.outcome).toBe("duplicate");
  expect(await rowsOf(owner, call)).toEqual(before);
});

test("a call that another organization has booked is refused", async () => {
  await complete(null);
  const [other] = await owner`insert into organizations (name) values ('other') returning id`;
  await expect(app`select update_call_completed_atomically(${other?.id}, ${call}, 1)`).rejects.toMatchObject({
    code: "42501",
  });
  expect((await rowsOf(owner, call))?.calls).toMatchObject({ org_id: fixture.orgId, duration_seconds: 42 });
});

test.each(["N/A", " null", "Unknown", "undefined", "{{customer.number}}", "-", " \u00a0"])(
  "a caller's %j is no value, and erases none",
  async (word) => {
    const json = JSON.stringify(word);
    const inbound = (number: string, metadata: string) =>
      app`select outcome from create_inbound_call_atomically(
        ${fixture.orgId}, ${call}, null, ${number}, null, ${metadata}::text::jsonb)`;
    const end = (url: string, path: string, transcript: string, type: string) =>
      app`select outcome from update_call_with_recording_atomically(
        ${fixture.orgId}, ${call}, ${url}, ${path}, ${transcript}, ${type})`;
    const rows = async () => {
      const found = await rowsOf(owner, call);
      return { ...found?.call_tracking, ...found?.call_logs, ...found?.calls };
    };

    await inbound(word, json);
    await end(word, word, word, word);
    expect(await rows()).toMatchObject({
      customer_number: null,
      metadata: null,
      transcript: null,
      recording_url: null,
      recording_storage_path: null,
      direction: "inbound",
      report_version: null,
    });
    await inbound(" +12025550142 ", '{"lead":7}');
    await end(" https://r.test/a.wav?x=1", "recordings/a.wav", "AI: hi", "inbound");
    const known = {
      customer_number: "+12025550142",
      metadata: { lead: 7 },
      transcript: "AI: hi",
      recording_url: "https://r.test/a.wav",
      recording_storage_path: "recordings/a.wav",
    };
    expect(await rows()).toMatchObject(known);
    expect((await inbound(word, json))[0]).toEqual({ outcome: "duplicate" });
    expect((await end(word, word, word, word))[0]).toEqual({ outcome: "duplicate" });
    expect(await rows()).toMatchObject(known);

    if (/\S/.test(word)) {
      const named = app`select * from update_call_completed_atomically(${fixture.orgId}, ${word}, 1)`;
      await expect(named).rejects.toMatchObject({ code: "22023" });
    }
  },
);
