import { openPool } from "@call-ledger/db/client";
import { createAppLogin, MigrationError, migrate } from "@call-ledger/db/migrate";
import { deliveryToBook, KNOWN_FACTS, PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { recordDeliveries } from "@call-ledger/db/write";
import { SILENT_REPORT } from "@call-ledger/domain";
import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { AdoptionError, AdoptionStopped } from "../src/adopt/index.ts";
import { A, AGENT_A, B, contentOf, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase();
const id = (number: number) => `cccccccc-0000-4000-8000-${String(number).padStart(12, "0")}`;
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** The present schemas, relations with their rights and row-level security, and routines. */
async function catalog(): Promise<unknown> {
  return legacy.root.unsafe(`
    select n.nspname, c.relname, c.relacl::text, c.relrowsecurity, c.relforcerowsecurity from pg_namespace n
    left join pg_class c on c.relnamespace = n.oid where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    union all select pronamespace::regnamespace::text, oid::regprocedure::text, proacl::text, null, null from pg_proc
    where pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) order by 1, 2`);
}

async function addCalls(count: number): Promise<void> {
  await legacy.root`insert into call_logs (org_id, vapi_call_id, status, transcript)
    select ${A}, 'call-' || n, 'completed', 'text ' || n from generate_series(1, ${count}::int) n`;
}

test("a dry run changes nothing and has the result of the run; a second run changes nothing", async () => {
  await addCalls(30);
  await legacy.add("call_logs", { id: id(1), vapi_call_id: "nobodys" });
  const before = await catalog();
  const { unattributedRows, ...foretold } = await legacy.adopt({ dryRun: true });
  expect(await catalog()).toEqual(before);
  expect(unattributedRows).toEqual([
    { table: "call_logs", id: id(1), providerCallId: "nobodys", reason: "no_organization" },
  ]);
  expect(await legacy.adopt()).toEqual({ ...foretold, unattributedRows });

  const [content, schema] = [await contentOf(legacy.root), await catalog()];
  const nothing = { moved: 0, unattributed: 1, duplicates: 34, rows: 35 };
  expect(legacy.counts(await legacy.adopt())).toEqual(nothing);
  expect(legacy.counts(await legacy.adopt({ dryRun: true }))).toEqual(nothing);
  expect([await contentOf(legacy.root), await catalog()]).toEqual([content, schema]);
});

test("migrate refuses such a database and names adopt; afterwards it has nothing to do", async () => {
  const refused = await failureOf(migrate(legacy.db.ownerUrl));
  expect(refused).toBeInstanceOf(MigrationError);
  expect(String(refused)).toMatch(/call_tracking, call_logs, calls.*run the command adopt/);
  await legacy.adopt();
  expect((await migrate(legacy.db.ownerUrl)).applied).toEqual([]);
});

test("old tables and functions are moved, and other roles cannot use them", async () => {
  await legacy.root.unsafe(
    "grant all on call_logs, calls to public; grant all on sequence processed_webhook_events_id_seq to public",
  );
  await legacy.adopt();
  const routines = await legacy.root`select pronamespace::regnamespace::text as schema from pg_proc
    where proname = 'create_inbound_call_atomically' order by 1`;
  expect(routines.map(({ schema }) => schema)).toEqual(["adopted", "public"]);

  const open = await legacy.root`
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'adopted' and c.relkind in ('r', 'S') and (
      (c.relkind = 'r' and not c.relrowsecurity) or exists (select from aclexplode(c.relacl) where grantee = 0))`;
  expect(open.map(({ relname }) => relname)).toEqual([]);
  const app = postgres(
    await createAppLogin(legacy.db.ownerUrl, { name: "call_ledger_test_app", password: "test" }),
    { max: 1 },
  );
  await expect(app`select from adopted.call_logs`).rejects.toMatchObject({ code: "42501" });
  await app.end();
});

test("a later delivery of the provider wins in each field that it has, and erases nothing", async () => {
  await legacy.add("call_tracking", {
    org_id: A,
    agent_id: AGENT_A,
    vapi_call_id: "again",
    status: "failed",
    started_at: "2025-06-01T10:00:00Z",
  });
  await legacy.add("call_logs", {
    org_id: A,
    vapi_call_id: "again",
    status: "completed",
    transcript: "old text",
    cost: 0.5,
  });
  await legacy.adopt();
  const fixture = { orgId: A, accounts: [{ id: PLATFORM_ACCOUNT, given: false }], agents: [] };
  const facts = { ...KNOWN_FACTS, providerAgentId: "asst-a" };
  const said = { type: "end-of-call-report", occurredAt: null };
  const pool = openPool(legacy.db.ownerUrl, { max: 1, name: "redelivery" });
  const deliver = (event: Parameters<typeof deliveryToBook>[2]["event"]) =>
    recordDeliveries(pool, [deliveryToBook(fixture, "again", { account: 0, facts, event })], {
      transport: "literal",
      deadlineMs: 5_000,
    });
  const costOnly = { ...SILENT_REPORT, costUsd: 0.7 };
  await deliver({ ...said, kind: "call.reported", report: costOnly, sources: [] });
  const rich = { ...SILENT_REPORT, transcript: "new text", costUsd: 0.7 };
  const log = async () => (await legacy.root`select transcript, cost_usd::float as cost from call_logs`)[0];
  expect(await log()).toEqual({ transcript: "old text", cost: 0.7 });
  await deliver({ ...said, kind: "call.reported", report: rich, sources: [] });
  expect(await log()).toEqual({ transcript: "new text", cost: 0.7 });
  await deliver({
    ...said,
    kind: "call.ended",
    ending: { reason: "customer-ended-call", outcome: "completed" },
  });
  expect((await legacy.root`select outcome, ended_reason from calls`)[0]).toEqual({
    outcome: "completed",
    ended_reason: "customer-ended-call",
  });
  await pool.close(1_000);
});

test("agents keep their ids; an assistant has one live agent, or none if two organizations claim it", async () => {
  const agent = (number: number, row: object) => legacy.add("agents", { id: id(number), org_id: A, ...row });
  await agent(1, { vapi_assistant_id: "shared", active: false, created_at: "2025-01-01T00:00:00Z" });
  await agent(2, { vapi_assistant_id: "shared", active: true, created_at: "2025-01-02T00:00:00Z" });
  await agent(3, { vapi_assistant_id: "claimed" });
  await agent(4, { vapi_assistant_id: "claimed", org_id: B });
  await agent(5, { name: "no assistant" });
  await agent(6, { vapi_assistant_id: "nobodys", org_id: null });
  await legacy.add("call_tracking", { agent_id: id(1), vapi_call_id: "of-retired", status: "completed" });
  const report = await legacy.adopt();
  expect(report.contestedAssistants).toEqual(["claimed"]);
  expect(report.unattributedRows).toMatchObject([{ table: "agents", id: id(6), reason: "no_organization" }]);
  const agents =
    await legacy.root`select id, provider_agent_id as assistant, deleted_at is null as live from agents
    where id::text like 'cccc%' order by id`;
  expect(agents.map(({ assistant, live }) => [assistant, live])).toEqual([
    ["shared", false],
    ["shared", true],
    ["claimed", false],
    ["claimed", false],
    [`adopted:${id(5)}`, false],
  ]);
  expect((await legacy.root`select org_id, agent_id from calls`)[0]).toEqual({ org_id: A, agent_id: id(1) });
});

describe("each obstacle is named, and nothing is changed", () => {
  test.each([
    ["a table in use", "begin; select from call_logs", /stop the old application/],
    ["another operation", `begin; select pg_advisory_xact_lock(${0x63616c6c})`, /works on this database/],
  ])("%s", async (_what, held, message) => {
    const before = await catalog();
    const other = postgres(legacy.db.superuserUrl, { max: 1 });
    await other.unsafe(held);
    const refused = await failureOf(legacy.adopt());
    await other.end({ timeout: 0 });
    expect(["AdoptionError", "OperationRunning"]).toContain(Reflect.get(Object(refused), "name"));
    expect(String(refused)).toMatch(message);
    expect(await catalog()).toEqual(before);
  });

  test.each([
    ["tables of another owner", "alter table call_logs owner to current_user", /does not own call_logs/],
    [
      "no such tables",
      "drop table call_transcripts, call_tracking, call_logs, calls",
      /no tables of the deployment guide's era/,
    ],
    [
      "old tables in both places",
      "create schema adopted; create table adopted.calls (vapi_call_id text)",
      /in public and in adopted too/,
    ],
  ])("%s", async (_what, change, message) => {
    await legacy.root.unsafe(change);
    const refused = await failureOf(legacy.adopt());
    expect(refused).toBeInstanceOf(AdoptionError);
    expect(String(refused)).toMatch(message);
  });
});

test("a call that the database refuses is listed, and the other calls of its batch are booked", async () => {
  await legacy.adopt();
  await legacy.root`alter table calls add constraint no_poison check (provider_call_id <> 'call-7')`;
  await legacy.root`insert into adopted.call_logs (org_id, vapi_call_id, status)
    select ${A}, 'call-' || n, 'completed' from generate_series(1, 20) n`;
  expect(legacy.counts(await legacy.adopt())).toEqual({
    moved: 19,
    unattributed: 1,
    duplicates: 4,
    rows: 24,
  });
  const [left] = await legacy.root`select provider_call_id, reason from adopted.unattributed`;
  expect(left).toEqual({ provider_call_id: "call-7", reason: "refused" });
});

test("a run that loses its connections is half-way, and the next run finishes it", {
  timeout: 120_000,
}, async () => {
  await addCalls(5_000);
  const running = failureOf(legacy.adopt());
  const watcher = postgres(legacy.db.superuserUrl, { max: 1 });
  const ended = async () => {
    const [row] = await watcher`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'call-ledger adopt writer'
        and state = 'active' and query like '%adopt_calls%' limit 1`;
    return row !== undefined;
  };
  await expect.poll(ended, { timeout: 60_000, interval: 20 }).toBe(true);
  await watcher.end();
  expect(await running).toBeInstanceOf(AdoptionStopped);

  const rest = await legacy.adopt();
  expect(legacy.counts(rest)).toMatchObject({ unattributed: 0, rows: 5_004 });
  expect(rest.moved + rest.duplicates).toBe(5_004);
  expect(
    (await legacy.root`select count(*)::int as n from call_logs where transcript is not null`)[0]?.n,
  ).toBe(5_000);
});
