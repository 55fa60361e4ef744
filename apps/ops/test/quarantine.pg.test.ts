import { randomUUID } from "node:crypto";
import { addAgent, addOrganization, OPERATOR } from "@call-ledger/db/access";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import type { DeliveryToBook } from "@call-ledger/db/write";
import { recordDeliveries } from "@call-ledger/db/write";
import { asOperator } from "@call-ledger/db-operator/admin";
import { readAgain } from "@call-ledger/ingest";
import { simulateCall } from "@call-ledger/simulator";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { callOps, documentOf, runOps } from "./harness/run-ops.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let pool: Pool;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  pool = openPool(db.appUrl, { max: 1, name: "quarantine test" });
});
beforeEach(async () => {
  await owner`delete from quarantined_deliveries`;
});
afterAll(async () => {
  await Promise.all([pool.close(1_000), owner.end()]);
  await db.drop();
});

const ACCOUNT = String(PLATFORM_ACCOUNTS.vapi);
const ops = (...args: string[]) => callOps(["quarantine", ...args], { DATABASE_URL: db.ownerUrl });
const book = (...deliveries: DeliveryToBook[]) =>
  recordDeliveries(pool, deliveries, { transport: "prepared", deadlineMs: 10_000 });

/** Returns a short call of an assistant that is not registered yet. */
function strangersCall() {
  const assistantId = randomUUID();
  const startedAt = Date.UTC(2026, 2, 12, 15);
  const call = simulateCall({ seed: 1, assistantId, startedAt, direction: "inbound", outcome: "canceled" });
  return { assistantId, ...call, bodies: call.deliveries.map(({ body }) => body) };
}

function translated(body: string): DeliveryToBook {
  const read = readAgain({ provider: "vapi", accountId: ACCOUNT, receivedAt: new Date() }, body);
  if (read.reads !== "delivery") throw new Error(`reads as ${read.reads}`);
  return read.delivery;
}

/** Returns a delivery as it is stored if it could not be read. */
function unreadable(payload: string): DeliveryToBook {
  return {
    provider: "vapi",
    accountId: ACCOUNT,
    receivedAt: Date.UTC(2026, 2, 12, 16),
    providerDeliveryId: null,
    type: "unknown",
    payload,
    content: {
      refusal: "unparseable",
      waits: true,
      detail: null,
      contentKey: `unparseable:${payload.length}`,
    },
  };
}

function register(assistantId: string) {
  return asOperator(db.ownerUrl, async (change) => {
    const { id } = await addOrganization(change, OPERATOR, { name: "Once unknown" });
    await addAgent(
      change,
      { orgId: id, actor: OPERATOR },
      { accountId: ACCOUNT, providerAgentId: assistantId },
    );
    return id;
  });
}

const waiting = async () => documentOf(await ops("list", "--json"));

test("list shows the waiting deliveries with their reasons, and no content", async () => {
  const { assistantId, callId, bodies, customerNumber } = strangersCall();
  await book(...bodies.map(translated), unreadable("{broken"));
  const list = await runOps(["quarantine", "list", "--json"], { DATABASE_URL: db.ownerUrl });
  const documents = documentOf(list);
  expect(documents).toHaveLength(bodies.length + 1);
  expect(documents).toContainEqual({
    provider_account_id: ACCOUNT,
    provider_phone_number_id: expect.any(String),
    our_number: expect.any(String),
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    provider: "vapi",
    reason: "unknown_agent",
    detail: null,
    event_type: "end-of-call-report",
    provider_call_id: callId,
    provider_agent_id: assistantId,
    received_at: expect.stringMatching(/Z$/),
    replayed_at: null,
  });
  expect(list.stdout).not.toContain(customerNumber);
  const human = await ops("list");
  expect(human.stdout).toMatch(/^ID +REASON +TYPE +ASSISTANT +RECEIVED\n/);
  expect(human.stdout).toMatch(/unparseable +unknown +- /);
  expect((await ops("list", "--limit", "1")).stdout).toContain("There may be more: --limit 2");
  await owner`delete from quarantined_deliveries`;
  expect((await ops("list")).stdout).toBe("No delivery is in quarantine.\n");
});

test("show prints one with its content; drop deletes waiting ones, and the audit notes it", async () => {
  await book(unreadable("{broken"), unreadable("{another"));
  const [first, second] = await waiting();
  const env = { DATABASE_URL: db.ownerUrl };
  const shown = await callOps(["quarantine", "show", first.id], env);
  expect([shown.code, shown.stdout]).toEqual([
    0,
    expect.stringMatching(/reason: unparseable\n.*\n\n\{\w+\n$/s),
  ]);
  expect(documentOf(await callOps(["quarantine", "show", second.id, "--json"], env))).toMatchObject(second);
  const dropped = await callOps(["quarantine", "drop", first.id, randomUUID(), "--json"], env);
  expect([dropped.code, documentOf(dropped)]).toEqual([
    1,
    [{ id: first.id, dropped: true }, expect.objectContaining({ dropped: false })],
  ]);
  expect((await waiting()).map(({ id }: { id: string }) => id)).toEqual([second.id]);
  const [entry] =
    await owner`select actor_kind, object_id from audit_entries where action = 'quarantine.drop'`;
  expect(entry).toEqual({ actor_kind: "operator", object_id: first.id });
  for (const [args, code] of [
    [["show"], 2],
    [["show", first.id], 1],
    [["drop"], 2],
    [["drop", "7"], 2],
  ] as const) {
    expect((await callOps(["quarantine", ...args], env)).code, args.join(" ")).toBe(code);
  }
});

test("a delivery waits until its agent is added, then replay books it", async () => {
  const { assistantId, callId, bodies } = strangersCall();
  await book(...bodies.map(translated));
  const early = await ops("replay", "--all", "--json");
  expect(early.code).toBe(0);
  expect(documentOf(early)).toEqual(
    bodies.map(() => expect.objectContaining({ outcome: "quarantined", reason: "unknown_agent" })),
  );

  const [one] = await waiting();
  const named = await ops("replay", one.id);
  expect([named.code, named.stdout]).toEqual([1, `${one.id}  quarantined: unknown_agent\n0 of 1 booked.\n`]);

  const orgId = await register(assistantId);
  const replayed = await ops("replay", "--all", "--json");
  expect(replayed.code).toBe(0);
  const outcomes = documentOf(replayed).map(({ outcome }: { outcome: string }) => outcome);
  expect(outcomes).toContain("applied");
  expect(outcomes).not.toContain("quarantined");
  const [row] = await owner`select org_id, phase, outcome from calls where provider_call_id = ${callId}`;
  expect(row).toEqual({ org_id: orgId, phase: "ended", outcome: "canceled" });
  expect(await waiting()).toEqual([]);
  expect(documentOf(await ops("list", "--all", "--json"))).toHaveLength(bodies.length);

  const again = documentOf(await ops("replay", one.id, "--json"));
  expect(again).toEqual([{ id: one.id, outcome: "replayed_before", reason: null }]);
  const noted = await owner`select actor_kind, after from audit_entries
    where action = 'quarantine.replay' order by at desc, id limit 1`;
  expect(noted.map((entry) => ({ ...entry }))).toEqual([
    { actor_kind: "operator", after: { reason: null, tried: 1, booked: 1 } },
  ]);
});

test("an unreadable delivery is read again, and booked if it is readable now", async () => {
  const { assistantId, callId, bodies } = strangersCall();
  await book(unreadable(bodies.at(-1) ?? ""));
  const [unread] = await waiting();

  expect(documentOf(await ops("replay", unread.id, "--json"))).toEqual([
    { id: unread.id, outcome: "quarantined", reason: "unknown_agent" },
  ]);
  const [moved, ...others] = await waiting();
  expect(others).toEqual([]);
  expect(moved).toMatchObject({
    reason: "unknown_agent",
    provider_call_id: callId,
    event_type: "end-of-call-report",
  });

  await register(assistantId);
  await book(unreadable(bodies.at(-2) ?? ""));
  const replayed = await ops("replay", "--all");
  expect([replayed.code, replayed.stderr]).toEqual([0, ""]);
  expect(replayed.stdout.trimEnd().split("\n").at(-1)).toBe("2 of 2 booked.");
  const events = await owner`select event_type, payload is not null as kept from processed_webhook_events
    where provider_call_id = ${callId} order by event_type`;
  expect([...events]).toEqual([
    { event_type: "end-of-call-report", kept: true },
    { event_type: "status-update", kept: true },
  ]);
});

test("a still unreadable delivery stays; chatter is removed; a missing delivery is reported", async () => {
  const chatter = JSON.stringify({ message: { type: "speech-update", call: { id: "call-1" } } });
  await book(unreadable("{broken"), unreadable(chatter), unreadable("{broken, and its payload removed"));
  await owner`update quarantined_deliveries set payload = null where content_key = 'unparseable:32'`;
  const replayed = await ops("replay", "--all", "--json");
  expect(replayed.code).toBe(0);
  const results = documentOf(replayed).map(
    (one: { outcome: string; reason: string }) => `${one.outcome} ${one.reason}`,
  );
  expect(results.sort()).toEqual(["observed null", "payload_gone null", "quarantined unparseable"]);
  expect(await waiting()).toHaveLength(2);

  const missing = randomUUID();
  const named = await ops("replay", missing, "--json");
  expect(named.code).toBe(1);
  expect(documentOf(named)).toEqual([{ id: missing, outcome: "not_found", reason: null }]);
});

test("events replay reads stored deliveries again: by time or by id, and books nothing twice", async () => {
  const { assistantId, bodies } = strangersCall();
  const orgId = await register(assistantId);
  await book(...bodies.map(translated));
  const replay = (...args: string[]) =>
    callOps(["events", "replay", "--org", orgId, ...args], { DATABASE_URL: db.ownerUrl });
  const ids = (
    await owner`select event_id from processed_webhook_events where org_id = ${orgId}
    and payload is not null order by created_at, event_id`
  ).map((row) => String(row.event_id));
  const from = ["--from", "2020-01-01T00:00:00Z"];
  const again = await replay(...from);
  const everything = `${ids.length} events: ${ids.length} duplicate.\n`;
  expect([again.code, again.stdout]).toEqual([0, everything]);

  // Simulates an earlier release that made another event of the delivery, so that the call lacks this one.
  await owner`update processed_webhook_events set event_id = 'of-another-day' where event_id = ${ids[0] ?? ""}`;
  const booked = await replay("of-another-day", "--json");
  expect([booked.code, documentOf(booked)]).toEqual([
    0,
    { counts: { applied: 1 }, events: [{ id: "of-another-day", outcome: "applied", reason: null }] },
  ]);
  await owner`update processed_webhook_events set payload = null where event_id = 'of-another-day'`;
  const missing = await replay("of-another-day", "none");
  expect([missing.code, missing.stdout]).toEqual([
    1,
    "of-another-day  not_stored\nnone  no_such_event\n2 events: 1 not stored, 1 no such event.\n",
  ]);
  expect((await replay(...from, "--provider", "nobody")).stdout).toBe("0 events.\n");
  expect((await replay(...from, "--to", "2020-01-02T00:00:00Z")).stdout).toBe("0 events.\n");
});

test.each([
  [["--from", "yesterday"], "--from has to be a day, such as"],
  [["--from", "2026-02-30T00:00:00Z"], "--from has to be a day, such as"],
  [[], "Name each event, or give a time with --from"],
  [["a", "--from", "2026-03-12T00:00:00Z"], "Name each event, or give a time with --from"],
  [["a"], "events replay needs --org ID"],
])("events replay, wrong usage: %j", async (args, says) => {
  const { code, stderr } = await callOps(["events", "replay", ...args], { DATABASE_URL: db.ownerUrl });
  expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
});
