import { LINK_PREFIX, newToken } from "@call-ledger/credentials";
import { ROLE_SCOPES, SCOPES } from "@call-ledger/domain";
import { beforeAll, describe, expect, test } from "vitest";
import { makeKey, makeOrganization } from "../harness/access.ts";
import type { ApiRequest } from "../harness/people.ts";
import { askApi, makeLink, signIn } from "../harness/people.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi();

beforeAll(() => ledger.addAgent());

const ask = (...request: ApiRequest) => askApi(api, ...request);

describe("signing in", () => {
  const exchange = (token: string) => ask({}, "POST", "/sign-in", { token });

  test("a link makes one session, also if it is used twice at the same time", async () => {
    const token = await makeLink(ledger, "staff");
    const replies = await Promise.all([exchange(token), exchange(token), exchange(token)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 410, 410]);
    const used = replies.find(({ status }) => status === 410);
    expect(used?.json).toMatchObject({ code: "link_used" });
    const made = replies.find(({ status }) => status === 200);
    expect(made?.json).toMatchObject({
      kind: "member",
      role: "staff",
      is_operator: false,
      organization: { id: ledger.orgId, name: "Northgate Plumbing", time_zone: "UTC" },
      scopes: ROLE_SCOPES.staff,
    });
    const cookie = made?.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(
      /^call_ledger_session=cls_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/,
    );
    const stored = await ledger.sql`select encode(token_hash, 'escape') as hash from sessions`;
    expect(JSON.stringify(stored)).not.toContain(cookie.slice(20, 60));
    expect(api.lines.join("")).not.toContain(token);
  });

  test("over https the cookie is for this host only", async () => {
    const token = await makeLink(ledger, "staff");
    const response = await fetch(`${api.url}/api/v1/sign-in`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-proto": "https" },
      body: JSON.stringify({ token }),
    });
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-call_ledger_session=.*; Secure$/);
  });

  test("an expired link has its own answer; a removed member's link and an invented one have the same", async () => {
    const over = await makeLink(ledger, "staff");
    await ledger.sql`update sign_in_links set expires_at = now() where used_at is null`;
    expect((await exchange(over)).json).toMatchObject({ status: 410, code: "link_expired" });
    const gone = await makeLink(ledger, "staff", { email: "gone@one.test" });
    await ledger.sql`update members set removed_at = now() where email = 'gone@one.test'`;
    expect((await exchange(gone)).json).toMatchObject({ status: 404, code: "not_found" });
    expect((await exchange(newToken(LINK_PREFIX).token)).json).toMatchObject({ status: 404 });
    expect((await exchange("x".repeat(30))).json).toMatchObject({ status: 404 });
  });

  test("a session ends by signing out, by revocation, at its expiry, and when its member is removed", async () => {
    const [one, other] = [
      await signIn(api, ledger, "admin", { email: "ada@one.test" }),
      await signIn(api, ledger, "staff", { email: "grace@one.test" }),
    ];
    const me = async (headers: object) => (await ask(headers, "GET", "/me")).status;
    expect([await me(one), await me(other)]).toEqual([200, 200]);
    const { json } = await ask(one, "GET", "/sessions");
    expect(json).toMatchObject({ data: [{ is_this_one: true, user_agent: "node" }] });
    // A member cannot end a session of another member.
    const [{ id } = {}] = await ledger.sql`
      select s.id from sessions s join members m on m.id = s.member_id where m.email = 'grace@one.test'`;
    expect((await ask(one, "DELETE", `/sessions/${id}`)).status).toBe(404);
    expect((await ask(other, "DELETE", `/sessions/${id}`)).status).toBe(204);
    expect([await me(one), await me(other)]).toEqual([200, 401]);
    const out = await ask(one, "POST", "/sign-out");
    expect([out.status, out.headers.get("set-cookie")]).toEqual([204, expect.stringContaining("Max-Age=0")]);
    expect(await me(one)).toBe(401);

    const third = await signIn(api, ledger, "staff", { email: "joan@one.test" });
    await ledger.sql`update sessions set expires_at = now()`;
    expect(await me(third)).toBe(401);
  });

  test("the use of a session extends it, noted at most once a minute", async () => {
    const headers = await signIn(api, ledger, "viewer", { email: "slides@one.test" });
    const end = async () => {
      const [row] = await ledger.sql`select expires_at from sessions order by created_at desc limit 1`;
      return row?.expires_at.getTime();
    };
    const before = await end();
    expect((await ask(headers, "GET", "/me")).headers.get("set-cookie")).toBeNull();
    expect(await end()).toBe(before);
    await ledger.sql`update sessions set last_used_at = now() - interval '61 seconds', expires_at = now() + interval '1 day'`;
    expect((await ask(headers, "GET", "/me")).headers.get("set-cookie")).toContain("Max-Age=2592000");
    expect(await end()).toBeGreaterThan(Date.now() + 29 * 86_400_000);
  });

  test("the operator signs in without an organization, and names one in requests", async () => {
    const operator = await signIn(api, ledger, null);
    const me = await ask(operator, "GET", "/me");
    expect(me.json).toMatchObject({
      kind: "operator",
      is_operator: true,
      organization: null,
      scopes: [...SCOPES],
    });
    const looking = await ask(operator, "GET", `/me?organization=${ledger.orgId}`);
    expect(looking.json).toMatchObject({ organization: { id: ledger.orgId } });
    expect((await ask(operator, "GET", "/sessions")).json).toMatchObject({ data: [{ is_this_one: true }] });
  });
});

describe("members", () => {
  test("an admin invites, changes and removes people, and the audit says so", async () => {
    const admin = await signIn(api, ledger, "admin", { email: "lead@one.test" });
    const invited = await ask(admin, "POST", "/members", { email: "new@one.test", role: "staff" });
    expect(invited.status).toBe(201);
    const { member, link } = invited.json as {
      member: { id: string };
      link: { url: string; expires_at: string };
    };
    // Valid for 15 minutes.
    const minutes = (Date.parse(link.expires_at) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(14);
    expect(minutes).toBeLessThanOrEqual(15);
    expect(member).toMatchObject({ email: "new@one.test", role: "staff", name: null, last_seen_at: null });
    expect(link.url).toMatch(new RegExp(`^${api.url.replace("127.0.0.1", "127\\.0\\.0\\.1")}/sign-in#cll_`));
    const token = link.url.split("#")[1];
    expect((await ask({}, "POST", "/sign-in", { token })).status).toBe(200);

    const again = await ask(admin, "POST", "/members", { email: "NEW@one.test", role: "staff" });
    expect(again.json).toMatchObject({ status: 409, code: "conflict", errors: [{ field: "body.email" }] });
    const changed = await ask(admin, "PATCH", `/members/${member.id}`, { role: "viewer", name: "New" });
    expect(changed.json).toMatchObject({ role: "viewer", name: "New" });
    expect((await ask(admin, "PATCH", `/members/${member.id}`, {})).json).toMatchObject({ role: "viewer" });
    expect((await ask(admin, "DELETE", `/members/${member.id}`)).status).toBe(204);
    expect((await ask(admin, "DELETE", `/members/${member.id}`)).status).toBe(404);

    const audit = await ask(admin, "GET", "/audit?limit=4");
    const entries = audit.json.data as { action: string; actor: object; before: object; after: object }[];
    expect(entries.map(({ action }) => action)).toEqual([
      "member.removed",
      "member.changed",
      "member.changed",
      "member.invited",
    ]);
    expect(entries[2]).toMatchObject({
      object: { kind: "member", id: member.id, name: "New" },
      actor: { kind: "member", name: "admin" },
      before: { role: "staff", name: null },
      after: { role: "viewer", name: "New" },
    });
    const cursor = encodeURIComponent(String((await ask(admin, "GET", "/audit?limit=1")).json.next_cursor));
    const second = await ask(admin, "GET", `/audit?limit=3&cursor=${cursor}`);
    expect(second.json.data).toEqual(entries.slice(1));
    expect((await ask(admin, "GET", "/audit?cursor=x")).json).toMatchObject({ status: 400 });
  });

  test("the last admin cannot be removed, and a member cannot give rights that he lacks", async () => {
    const orgId = await makeOrganization(ledger);
    const admin = await signIn(api, ledger, "admin", { orgId, email: "only@two.test" });
    const { json } = await ask(admin, "GET", "/members");
    const [{ id }] = json.data as [{ id: string }];
    expect((await ask(admin, "DELETE", `/members/${id}`)).json).toMatchObject({
      status: 409,
      code: "conflict",
    });
    expect((await ask(admin, "PATCH", `/members/${id}`, { role: "staff" })).json).toMatchObject({
      status: 409,
    });

    const { bearer } = await makeKey(ledger, { orgId, scopes: ["members:write", "keys:write"] });
    const higher = await ask(bearer, "POST", "/members", { email: "x@two.test", role: "admin" });
    expect(higher.json).toMatchObject({ status: 403, code: "missing_scope" });
    expect((await ask(bearer, "POST", `/members/${id}/sign-in-link`)).json).toMatchObject({ status: 403 });
    const key = await ask(bearer, "POST", "/keys", { name: "more", scopes: ["costs:read"] });
    expect(key.json).toMatchObject({ status: 403, code: "missing_scope" });
  });
});

describe("keys", () => {
  test("a key is shown once, is used, and stops when it is revoked", async () => {
    const admin = await signIn(api, ledger, "admin");
    const made = await ask(admin, "POST", "/keys", { name: "CRM", scopes: ["calls:read"] });
    expect(made.status).toBe(201);
    const { id, key } = made.json as { id: string; key: string };
    expect(key).toMatch(/^clk_/);
    const bearer = { authorization: `Bearer ${key}` };
    expect((await ask(bearer, "GET", "/me")).json).toMatchObject({
      kind: "key",
      name: "CRM",
      scopes: ["calls:read"],
      email: null,
    });
    expect((await ask(bearer, "POST", "/sign-out")).json).toMatchObject({ status: 403 });
    const listed = await ask(admin, "GET", "/keys");
    expect(JSON.stringify(listed.json)).not.toContain(key);
    expect((await ask(admin, "DELETE", `/keys/${id}`)).status).toBe(204);
    expect((await ask(bearer, "GET", "/me")).status).toBe(401);
    expect((await ask(admin, "DELETE", `/keys/${id}`)).status).toBe(404);
  });

  test("a key gets another name and other scopes, which its next request has", async () => {
    const admin = await signIn(api, ledger, "admin");
    const { id, bearer } = await makeKey(ledger, { scopes: ["calls:read"] });
    const change = { name: "CRM", scopes: ["calls:details", "keys:write"] };
    const changed = await ask(admin, "PATCH", `/keys/${id}`, change);
    expect(changed).toMatchObject({ status: 200, json: { id, ...change } });
    expect((await ask(bearer, "GET", "/me")).json).toMatchObject(change);
    expect((await ask(bearer, "GET", "/calls")).json).toMatchObject({ code: "missing_scope" });
    const renamed = await ask(bearer, "PATCH", `/keys/${id}`, { name: "CRM 2" });
    expect(renamed.json).toMatchObject({ name: "CRM 2", scopes: change.scopes });

    const more = await ask(bearer, "PATCH", `/keys/${id}`, { scopes: ["keys:write", "costs:read"] });
    expect(more.json).toMatchObject({ status: 403, code: "missing_scope" });
    const none = await ask(admin, "PATCH", `/keys/${id}`, { scopes: [] });
    expect(none.json).toMatchObject({ status: 400, errors: [{ field: "body.scopes" }] });
    const { data } = (await ask(admin, "GET", "/audit?limit=2")).json as { data: object[] };
    expect(data).toMatchObject([
      { action: "key.changed", before: change, after: { ...change, name: "CRM 2" } },
      { action: "key.changed", before: { name: null, scopes: ["calls:read"] }, after: change },
    ]);
    await ask(admin, "DELETE", `/keys/${id}`);
    expect((await ask(admin, "PATCH", `/keys/${id}`, { name: "back" })).status).toBe(404);
  });

  test("a repetition with an Idempotency-Key gets the same key, which the database cannot read", async () => {
    const admin = await signIn(api, ledger, "admin");
    const headers = { ...admin, "idempotency-key": "make-one" };
    const body = { name: "once", scopes: ["calls:read"] };
    const [one, other] = [
      await ask(headers, "POST", "/keys", body),
      await ask(headers, "POST", "/keys", body),
    ];
    expect(other.json).toEqual(one.json);
    expect(other.headers.get("idempotent-replayed")).toBe("true");
    const [{ kept } = {}] = await ledger.sql`select encode(response, 'escape') as kept from idempotency_keys`;
    expect(kept).not.toContain("clk_");
    // The same Idempotency-Key of another caller is another key.
    const neighbour = await signIn(api, ledger, "admin");
    const theirs = await ask({ ...neighbour, "idempotency-key": "make-one" }, "POST", "/keys", body);
    expect(theirs.json.key).not.toBe(one.json.key);
    await ledger.sql`update idempotency_keys set created_at = now() - interval '25 hours'`;
    expect((await ask(headers, "POST", "/keys", body)).json.key).not.toBe(one.json.key);
  });
});
