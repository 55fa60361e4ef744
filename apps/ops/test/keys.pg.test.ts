import { createHash, randomUUID } from "node:crypto";
import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOps, documentOf } from "./harness/run-ops.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let org: string;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  const [row] = await owner`insert into organizations (name) values ('Northgate') returning id`;
  org = row?.id;
});

afterAll(async () => {
  await owner.end();
  await db.drop();
});

const ops = (...args: string[]) => callOps(["key", ...args], { DATABASE_URL: db.ownerUrl });
const opsJson = async (...args: string[]) => documentOf(await ops(...args, "--json"));

test("a key is printed once, and the database has its hash and its first characters", async () => {
  const made = await opsJson("create", "--org", org);
  expect(made).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    key: expect.stringMatching(/^clk_[0-9A-Za-z]{49}$/),
  });
  const [row] = await owner`select *, scopes::text as scopes from api_keys where id = ${made.id}`;
  expect(row).toMatchObject({
    org_id: org,
    prefix: made.key.slice(0, 8),
    key_hash: createHash("sha256").update(made.key).digest(),
    scopes: "{calls:read,recordings:read}",
    name: null,
    last_used_at: null,
    revoked_at: null,
  });
  const [dump] = await owner`select string_agg(k::text, '') as text from api_keys k`;
  expect(dump?.text).not.toContain(made.key.slice(12));
});

test("keys are listed with their first characters, their scopes and their names", async () => {
  const human = await ops(
    "create",
    "--org",
    org,
    "--scopes",
    "agents:write, recordings:read",
    "--name",
    "CRM",
  );
  const [key = "", said] = human.stdout.split("\n");
  expect(said).toContain("for recordings:read, agents:write. It is not shown again.");
  const listed = await opsJson("list", "--org", org);
  expect(listed.at(-1)).toEqual({
    id: expect.any(String),
    org_id: org,
    name: "CRM",
    prefix: key.slice(0, 8),
    scopes: ["recordings:read", "agents:write"],
    created_at: expect.any(String),
    last_used_at: null,
    revoked_at: null,
  });
  const table = await ops("list");
  expect(table.stdout).toContain(`${key.slice(0, 8)}…`);
  expect(table.stdout).not.toContain(key);
  expect(await opsJson("list", "--org", randomUUID())).toEqual([]);
});

test("a revoked key stays revoked and is listed with --all; a missing key is reported", async () => {
  const { id } = await opsJson("create", "--org", org);
  const nobody = randomUUID();
  const revoked = await ops("revoke", id, nobody);
  expect([revoked.code, revoked.stdout]).toEqual([
    1,
    `1 of 2 revoked.\nThere is no key ${nobody}; key list --all shows the keys.\n`,
  ]);
  const idsOf = (keys: { id: string }[]) => keys.map((key) => key.id);
  expect(idsOf(await opsJson("list"))).not.toContain(id);
  const [before] = (await opsJson("list", "--all")).filter((key: { id: string }) => key.id === id);
  expect(before.revoked_at).not.toBeNull();
  const again = await ops("revoke", id, "--json");
  expect([again.code, documentOf(again)]).toEqual([0, [{ id }]]);
  expect((await opsJson("list", "--all")).filter((key: { id: string }) => key.id === id)).toEqual([before]);
});

test("the audit has who made a key and who revoked it", async () => {
  const { id } = await opsJson("create", "--org", org, "--name", "CRM");
  await ops("revoke", id);
  await ops("revoke", id);
  const entries = await owner`select org_id, actor_kind, action, coalesce(after, before) ->> 'name' as name
    from audit_entries where object_id = ${id} order by at, id`;
  expect(entries.map((entry) => ({ ...entry }))).toEqual([
    { org_id: org, actor_kind: "operator", action: "key.created", name: "CRM" },
    { org_id: org, actor_kind: "operator", action: "key.revoked", name: "CRM" },
  ]);
});

test("the application's login may not list or make keys", async () => {
  const name = `call_ledger_keys_${new URL(db.ownerUrl).pathname.slice(-12)}`;
  const { url } = documentOf(
    await callOps(["db", "login", "--name", name, "--json"], { DATABASE_URL: db.ownerUrl }),
  );
  const { code, stderr } = await callOps(["key", "create", "--operator"], { DATABASE_URL: url });
  expect([code, stderr]).toEqual([1, expect.stringContaining("Set DIRECT_DATABASE_URL to the URL")]);
});

test("a missing organization gets no key", async () => {
  const { code, stdout, stderr } = await ops("create", "--org", randomUUID());
  expect([code, stdout, stderr]).toEqual([
    1,
    "",
    "There is no such organization; org list shows the organizations.\n",
  ]);
});
