import { randomUUID } from "node:crypto";
import { apiKeyHash, LINK_PREFIX, tokenHash } from "@call-ledger/credentials";
import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOps, documentOf, runOps } from "./harness/run-ops.ts";

let db: TestDatabase;
let sql: postgres.Sql;
let org: string;
beforeAll(async () => {
  db = await testDatabase();
  sql = postgres(db.ownerUrl, { max: 1 });
  [{ id: org } = { id: "" }] = await sql<
    { id: string }[]
  >`insert into organizations (name) values ('One') returning id`;
});
afterAll(async () => {
  await sql.end();
  await db.drop();
});

const ops = (...args: string[]) => callOps(args, { DATABASE_URL: db.ownerUrl });
const opsJson = async (...args: string[]) => documentOf(await ops(...args, "--json"));

/** Returns the owner of a link from the database. */
async function linkOf(url: string) {
  const [, token = ""] = url.split("#");
  const [link] = await sql`select org_id, member_id, used_at, expires_at > now() as holds
    from sign_in_links where token_hash = ${tokenHash(token, LINK_PREFIX)}`;
  return { ...link };
}

test("a member is invited, invited again, listed and removed, and the audit has it", async () => {
  const invite = ["member", "invite", "--org", org, "--email", "ada@one.test", "--role", "staff"];
  const made = await opsJson(...invite, "--url", "https://calls.one.test/");
  expect(made.url).toMatch(/^https:\/\/calls\.one\.test\/sign-in#cll_[\w-]{43}$/);
  expect(await linkOf(made.url)).toEqual({ org_id: org, member_id: made.id, used_at: null, holds: true });

  const again = await ops(...invite.map((word) => word.replace("ada", "ADA")));
  expect(again.stdout).toMatch(/^http:\/\/localhost:3001\/sign-in#cll_/);
  expect(again.stdout).toContain("was a member already");
  expect(await linkOf(made.url)).toMatchObject({ holds: false });

  const list = ["member", "list", "--org", org, "--json"];
  const [listed] = documentOf(await runOps(list, { DATABASE_URL: db.ownerUrl }));
  expect(listed).toMatchObject({ id: made.id, email: "ada@one.test", role: "staff", last_seen_at: null });
  expect((await ops("member", "remove", made.id)).stdout).toContain("ada@one.test is no longer a member");
  expect((await ops("member", "remove", made.id)).stderr).toContain("There is no member");
  expect(await opsJson("member", "list")).toEqual([]);
  const audit = await sql`select action from audit_entries where org_id = ${org} order by at, id`;
  expect(audit.map(({ action }) => action).sort()).toEqual([
    "member.invited",
    "member.link_made",
    "member.removed",
  ]);
});

test("the operator gets a link and a key without an organization", async () => {
  const { url } = await opsJson("member", "invite", "--operator");
  expect(await linkOf(url)).toEqual({ org_id: null, member_id: null, used_at: null, holds: true });
  const { key } = await opsJson("key", "create", "--operator");
  const [stored] = await sql`select org_id from api_keys where key_hash = ${apiKeyHash(key)}`;
  expect(stored).toEqual({ org_id: null });
});

test.each([
  [["member", "invite", "--org", randomUUID(), "--email", "a@b.test"], "There is no such organization"],
  [["member", "invite", "--org", randomUUID()], "Give --org and --email, or --operator."],
  [["member", "invite", "--operator", "--email", "a@b.test"], "--operator cannot be used with"],
  [["member", "invite", "--org", randomUUID(), "--email", "nobody"], "--email has to be an address"],
  [["key", "create"], "Give either --org or --operator."],
  [["key", "create", "--operator", "--scopes", "calls:read"], "--operator cannot be used with --scopes."],
])("%j is refused with the next step", async (args, says) => {
  const { code, stderr } = await ops(...args);
  expect(code).not.toBe(0);
  expect(stderr).toContain(says);
});
