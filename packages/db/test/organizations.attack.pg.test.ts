import { randomUUID } from "node:crypto";
import { SILENT_REPORT } from "@call-ledger/domain";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool, type Pool } from "../src/client/index.ts";
import { readCallRecording } from "../src/read/index.ts";
import type { OrganizationFixture, TestDatabase } from "../src/testing/index.ts";
import {
  createOrganizationFixture,
  deliveryToBook,
  KNOWN_FACTS,
  PLATFORM_ACCOUNT,
  testDatabase,
} from "../src/testing/index.ts";
import { recordDeliveries } from "../src/write/index.ts";

/*
 * An attacking organization has the application's own login and every role that it may take, and tries every table. The
 * catalog lists the tables, so a new table is attacked without being named here.
 */

let db: TestDatabase;
let owner: postgres.Sql;
let app: postgres.Sql;
let pool: Pool;
let victim: OrganizationFixture;
const neighbour = randomUUID();

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  app = postgres(db.appUrl, { max: 1 });
  pool = openPool(db.appUrl, { max: 1, name: "attack" });
  victim = await createOrganizationFixture(owner);
  await owner`insert into organizations (id, name) values (${neighbour}, 'next door')`;
  await owner`insert into api_keys (org_id, prefix, key_hash, scopes)
    values (${victim.orgId}, 'p', decode(repeat('ab', 32), 'hex'), '{}')`;
  await addPeople(victim.orgId);
  await owner`insert into alert_channels (org_id, kind, settings) values (${victim.orgId}, 'slack', 'sealed')`;
  await owner`insert into alarms (org_id, condition, scope, figures, opened_at, last_seen_at)
    values (${victim.orgId}, 'calls_overdue', ${`organization:${victim.orgId}`}, '{}', now(), now())`;
  const account = randomUUID();
  await owner`insert into provider_accounts (id, org_id, provider) values (${account}, ${victim.orgId}, 'vapi')`;
  await owner`insert into reconciled_accounts (provider_account_id, org_id, provider)
    values (${account}, ${victim.orgId}, 'vapi')`;
  await owner`insert into provider_calls (provider_account_id, provider_call_id, org_id, created_at, has_ended)
    values (${account}, 'victim-call', ${victim.orgId}, now(), true)`;
  const facts = { ...KNOWN_FACTS, customerNumber: "+12025550143" };
  const said = { type: "t", occurredAt: null };
  const report = {
    ...SILENT_REPORT,
    transcript: "secret",
    costUsd: 1,
    recordings: [{ channel: "mono" as const, url: "https://r.test/a" }],
  };
  for (const event of [
    { ...said, kind: "call.reported" as const, report, sources: [] },
    { ...said, kind: "call.transcribed" as const, segment: { role: "user", text: "secret", byCaller: true } },
  ]) {
    const delivery = deliveryToBook(victim, "victim-call", { account: 0, facts, event });
    const prompts = [{ hash: "h".repeat(22), text: "secret" }];
    await recordDeliveries(pool, [{ ...delivery, content: { ...delivery.content, prompts } }], {
      transport: "literal",
      deadlineMs: 5_000,
    });
  }
  await owner`insert into call_annotations (org_id, call_id, note) select org_id, id, 'secret' from calls`;
  await owner`insert into share_links (org_id, call_id, token_hash, expires_at)
    select org_id, id, decode(repeat('cd', 32), 'hex'), now() + interval '1 hour' from calls`;
});

/** Inserts a row into each table of people that needs no call. */
async function addPeople(orgId: string): Promise<void> {
  const id = randomUUID();
  await owner`insert into members (org_id, id, email, name, role) values (${orgId}, ${id}, 'ada@one.test', 'Ada', 'admin')`;
  for (const table of ["sessions", "sign_in_links"]) {
    await owner`insert into ${owner(table)} (org_id, member_id, token_hash, expires_at)
      values (${orgId}, ${id}, decode(repeat('cd', 32), 'hex'), now() + interval '1 hour')`;
  }
  await owner`insert into audit_entries (org_id, actor_kind, action, object_kind) values (${orgId}, 'system', 'a', 'o')`;
  await owner`insert into idempotency_keys (credential_id, key, org_id, request_hash) values (${id}, 'k', ${orgId}, 'h')`;
}

afterAll(async () => {
  await pool.close(1_000);
  await Promise.all([owner.end(), app.end()]);
  await db.drop();
});

async function organizationTables(): Promise<string[]> {
  const rows = await owner`
    select c.relname as name from pg_class c
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and (c.relname = 'organizations'
        or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped))
    order by 1`;
  return rows.map((row) => row.name);
}

/** Runs a statement under a role, for an organization. Returns the number of rows, or the error's code. */
async function attempt(
  role: string | null,
  orgId: string | null,
  statement: string,
): Promise<number | string> {
  return app
    .begin(async (tx) => {
      if (role !== null) await tx.unsafe(`set local role ${role}`);
      if (orgId !== null) await tx`select set_config('call_ledger.org_id', ${orgId}, true)`;
      return (await tx.unsafe(statement)).count;
    })
    .catch((error: postgres.PostgresError) => error.code);
}

test("the attacker is the application's login: no superuser, no bypass, inherits nothing", async () => {
  const [me] =
    await app`select rolsuper, rolbypassrls, rolinherit from pg_roles where rolname = current_user`;
  expect(me).toEqual({ rolsuper: false, rolbypassrls: false, rolinherit: false });
});

test("the victim has rows in every organization's table, so that an empty result proves something", async () => {
  for (const table of await organizationTables()) {
    const column = table === "organizations" ? "id" : "org_id";
    const [found] =
      await owner`select count(*)::int as n from ${owner(table)} where ${owner(column)} = ${victim.orgId}`;
    expect(found?.n, table).toBeGreaterThan(0);
  }
});

test("without a role the login can touch no organization's table", async () => {
  for (const table of await organizationTables()) {
    expect(await attempt(null, victim.orgId, `select * from ${table}`), table).toBe("42501");
    expect(await attempt("call_ledger_writer", victim.orgId, `select * from ${table}`), table).toBe("42501");
  }
});

test("the reader sees its own organization and nothing of the other one", async () => {
  for (const table of await organizationTables()) {
    const column = table === "organizations" ? "id" : "org_id";
    const own = await attempt("call_ledger_reader", victim.orgId, `select * from ${table}`);
    const next = await attempt(
      "call_ledger_reader",
      neighbour,
      `select * from ${table} where ${column} <> '${neighbour}'`,
    );
    const nobody = await attempt("call_ledger_reader", null, `select * from ${table}`);
    const readable = own !== "42501";
    expect([table, next, nobody]).toEqual([table, readable ? 0 : "42501", readable ? 0 : "42501"]);
    if (readable) expect(own, table).toBeGreaterThan(0);
  }
});

test("neither reader nor writer can change, delete or truncate an organization's rows", async () => {
  for (const role of ["call_ledger_reader", "call_ledger_writer", "call_ledger_worker"]) {
    for (const table of await organizationTables()) {
      const statements = [`delete from ${table}`, `truncate ${table}`];
      const workersOwn = role === "call_ledger_worker" && table === "recording_upload_queue";
      if (!workersOwn)
        statements.push(
          `update ${table} set ${table === "organizations" ? "id" : "org_id"} = '${neighbour}'`,
        );
      for (const statement of statements) {
        expect(`${role}: ${statement}: ${await attempt(role, victim.orgId, statement)}`).toBe(
          `${role}: ${statement}: 42501`,
        );
      }
    }
  }
});

test("functions for requests give no secrets without proof: keys need their hash, accounts their id", async () => {
  const ask = (role: string | null, call: string) => attempt(role, neighbour, `select call_ledger.${call}`);
  // The login itself has the worker's rights, because it may become the worker.
  const lending = `find_account_api_key(gen_random_uuid(), '${victim.orgId}')`;
  expect(await ask("call_ledger_reader", lending)).toBe("42501");
  for (const role of ["call_ledger_reader", "call_ledger_worker"]) {
    expect(await ask(role, "authenticate_key(decode(repeat('ab', 32), 'hex'))"), role).toBe("42501");
    expect(await ask(role, "find_provider_account(gen_random_uuid())"), role).toBe("42501");
  }
  // The key of an organization's own account is returned only for that organization's calls.
  const own = victim.accounts.find(({ given }) => given)?.id ?? "";
  await owner`update provider_accounts set api_key = 'sealed' where id = ${own}`;
  const lent = await app.begin(async (tx) => {
    await tx.unsafe("set local role call_ledger_worker");
    return tx`select call_ledger.find_account_api_key(${own}, ${victim.orgId}) as own,
      call_ledger.find_account_api_key(${own}, ${neighbour}) as neighbours,
      call_ledger.find_account_api_key(${PLATFORM_ACCOUNT}, ${victim.orgId}) as platforms`;
  });
  expect(lent.map((row) => ({ ...row }))).toEqual([
    { own: Buffer.from("sealed"), neighbours: null, platforms: null },
  ]);
});

test("the reader's query for a recording returns only those of its own organization", async () => {
  const [call] = await owner`select id from calls where provider_call_id = 'victim-call'`;
  for (const named of [call?.id, "victim-call"]) {
    const wanted = { call: named, channel: null };
    expect(await readCallRecording(pool, victim.orgId, wanted, 5_000), named).toMatchObject({
      state: "pending",
    });
    expect(await readCallRecording(pool, neighbour, wanted, 5_000), named).toBeNull();
  }
  await expect(
    readCallRecording(pool, "", { call: "victim-call", channel: null }, 5_000),
  ).resolves.toBeNull();
  // The role and the organization ended with the transaction.
  expect(await attempt(null, null, "select * from calls")).toBe("42501");
});

test("the login cannot become the definer, the operator or the owner", async () => {
  for (const role of ["call_ledger_definer", "call_ledger_operator", "call_ledger_test_owner"]) {
    expect(await attempt(role, null, "select 1"), role).toBe("42501");
  }
});

/** Temporary types with names of built-in ones. A check of a value of them notes the role that runs it. */
const DISGUISED_TYPES = `
  create function pg_temp.note(value pg_catalog.text) returns boolean language plpgsql as $$
  begin
    perform pg_catalog.set_config('attack.ran_as', current_user::pg_catalog.text, false);
    return true;
  end $$;
  create domain pg_temp.uuid as pg_catalog.uuid check (pg_temp.note(value::pg_catalog.text));
  create domain pg_temp.text as pg_catalog.text check (pg_temp.note(value));`;

test("the login may create no temporary objects", async () => {
  expect(await attempt(null, null, DISGUISED_TYPES)).toBe("42501");
});

test("temporary types with names of built-in ones are not used by the functions of the definer", async () => {
  const [{ login, database } = {}] = await app`select current_user as login, current_database() as database`;
  await owner`grant temporary on database ${owner(String(database))} to ${owner(String(login))}`;
  const delivery = deliveryToBook(victim, "other-call", {
    account: 0,
    facts: KNOWN_FACTS,
    event: { kind: "call.progressed", phase: "ringing", type: "status-update", occurredAt: null },
  });
  const ranAs = await pool.run(async (sql) => {
    await sql.unsafe(DISGUISED_TYPES);
    // The types are found by whoever names them without a schema: the trap works.
    await sql.unsafe("set search_path = ''; select 'x'::text");
    const [own] = await sql`select current_setting('attack.ran_as', true) as role`;
    await sql.unsafe("reset search_path; select set_config('attack.ran_as', '', false)");
    return own?.role;
  }, 5_000);
  expect(ranAs).toBe(login);
  const booked = await recordDeliveries(pool, [delivery], { transport: "literal", deadlineMs: 5_000 });
  expect(booked).toMatchObject([{ outcome: "applied" }]);
  const [after] = await pool.run((sql) => sql`select current_setting('attack.ran_as', true) as role`, 5_000);
  expect(after?.role).toBe("");
  await pool.run((sql) => sql.unsafe("discard temp"), 5_000);
});

test("the manager reads, changes and deletes no row of another organization", async () => {
  const attacks = new Map<string, number | string>();
  for (const table of await organizationTables()) {
    const column = table === "organizations" ? "id" : "org_id";
    const where = `where ${column} = '${victim.orgId}'`;
    for (const statement of [
      `select * from ${table} ${where}`,
      `update ${table} set ${column} = ${column} ${where}`,
      `update ${table} set ${column} = '${neighbour}' ${where}`,
      `delete from ${table} ${where}`,
    ]) {
      attacks.set(statement, await attempt("call_ledger_manager", neighbour, statement));
      attacks.set(`${statement}, nobody`, await attempt("call_ledger_manager", null, statement));
    }
  }
  const reached = [...attacks].filter(([, result]) => result !== 0 && result !== "42501");
  expect(reached).toEqual([]);
  // Some of the statements are allowed, so that 0 rows are not only refusals.
  expect([...attacks.values()].filter((result) => result === 0).length).toBeGreaterThan(20);
});

test("the audit can only be added to, also by the roles that write it", async () => {
  for (const role of ["call_ledger_manager", "call_ledger_api_operator"]) {
    for (const statement of [
      "update audit_entries set action = 'b'",
      "delete from audit_entries",
      "truncate audit_entries",
    ]) {
      expect([role, statement, await attempt(role, victim.orgId, statement)]).toEqual([
        role,
        statement,
        "42501",
      ]);
    }
    const added = `insert into audit_entries (org_id, actor_kind, action, object_kind)
      values ('${victim.orgId}', 'system', 'a', 'o')`;
    expect(await attempt(role, victim.orgId, added)).toBe(1);
  }
});
