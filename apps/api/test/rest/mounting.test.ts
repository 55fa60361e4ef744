import { createServer } from "node:http";
import { ROUTES } from "@call-ledger/contract/routes";
import { problemSchema } from "@call-ledger/contract/values";
import { SCOPES } from "@call-ledger/domain";
import express from "express";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requestBodies } from "../../src/http/request-body.ts";
import type { Caller } from "../../src/rest/mount/caller.ts";
import type { AnyHandler } from "../../src/rest/mount/handler.ts";
import type { KeptReply } from "../../src/rest/mount/idempotency.ts";
import { mountRoutes } from "../../src/rest/mount/mount-routes.ts";
import { requestLimits } from "../../src/rest/mount/request-limits.ts";

// The behaviour that mountRoutes gives every route, tested on a few routes of the contract with handlers of the test.

const ORG = "5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711";
const CALLER: Caller = {
  actor: { kind: "member", id: ORG, name: "Ada" },
  credentialId: ORG,
  isSession: false,
  isOperator: false,
  role: "admin",
  email: "ada@one.test",
  orgId: ORG,
  scopes: new Set(SCOPES),
};
const ORGANIZATION = {
  id: ORG,
  name: "One",
  time_zone: "UTC",
  created_at: "2026-03-04T09:15:02.120Z",
  retention: { payload_days: 30, event_days: 400 },
};
const { time_zone: _zone, retention: _retention, ...named } = ORGANIZATION;
const KEY = {
  ...named,
  prefix: "clk_",
  scopes: ["calls:read"],
  last_used_at: null,
  revoked_at: null,
  key: "clk_1",
};

let answers: Record<string, AnyHandler>;
let runs = 0;
const kept = new Map<string, { readonly hash: string; readonly reply: KeptReply | null }>();
const refused: string[] = [];

const mounted = (id: keyof typeof ROUTES) => ({
  id,
  route: ROUTES[id],
  handler: (request: never, res: express.Response) =>
    answers[id]?.(request, res) ?? Promise.reject(new Error("no answer")),
});
const app = express();
app.disable("etag");
app.use(
  "/api/v1",
  mountRoutes(
    [
      mounted("getOrganization"),
      mounted("changeOrganization"),
      mounted("createKey"),
      mounted("listAudit"),
      mounted("signIn"),
    ],
    {
      authentication: {
        async authenticate({ kind, token }) {
          const caller = { ...CALLER, credentialId: `${kind} ${token}`, isSession: kind === "session" };
          return token === "holds" || token === "busy" ? { caller, isRenewed: kind === "session" } : null;
        },
        organizationExists: async () => true,
        refused: () => void refused.push("x"),
      },
      limits: requestLimits({ maxRequests: 50 }),
      idempotency: {
        async begin({ key, requestHash }) {
          const hash = requestHash.toString("hex");
          const known = kept.get(key);
          if (known === undefined) kept.set(key, { hash, reply: null });
          if (known === undefined) return "first";
          if (known.hash !== hash) return "other";
          return known.reply ?? "running";
        },
        async keep({ key, requestHash }, reply) {
          kept.set(key, { hash: requestHash.toString("hex"), reply });
        },
        async forget({ key }) {
          kept.delete(key);
        },
      },
      publicUrl: null,
      checksAnswers: true,
      bodies: requestBodies(1_000_000),
    },
  ),
);
app.use(
  ((_error, _req, res, _next) =>
    void res.status(500).json({ unforeseen: true })) as express.ErrorRequestHandler,
);
const server = createServer(app);
let url = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/api/v1`;
  answers = {
    getOrganization: async () => ORGANIZATION,
    changeOrganization: async () => ORGANIZATION,
    listAudit: async () => ({ data: [], next_cursor: null }),
    createKey: async () => {
      runs += 1;
      return { ...KEY, time_zone: undefined, name: `key ${runs}` };
    },
  };
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const ask = (path: string, init: RequestInit = {}, token = "holds") =>
  fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
const post = (path: string, body: unknown, headers: Record<string, string> = {}, method = "POST") =>
  ask(path, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

/** The problem document of a response, after a check against the contract. */
async function problemIn(response: Response) {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

test("the answer to a wrong method names the methods of the path", async () => {
  const response = await ask("/organization", { method: "DELETE" });
  expect(response.headers.get("allow")).toBe("GET, HEAD, PATCH");
  expect(await problemIn(response)).toMatchObject({ status: 405, code: "method_not_allowed" });
});

test("an unknown path below the API gets a problem document too", async () => {
  expect(await problemIn(await ask("/nothing"))).toMatchObject({ status: 404, code: "not_found" });
});

test("HEAD has the answer of GET without the body", async () => {
  const response = await ask("/organization", { method: "HEAD" });
  expect([response.status, await response.text()]).toEqual([200, ""]);
});

test.each([
  ["limit=0", "query.limit"],
  ["limit=many", "query.limit"],
  ["limit=1&limit=2", "query.limit"],
  ["cursor=%00", "query.cursor"],
  ["page=2", "query.page"],
  ["1555012=2", "query.?"],
  [`${"x".repeat(99)}=2`, "query.?"],
])("the answer names a query parameter that the contract does not have: %s", async (query, field) => {
  const problem = await problemIn(await ask(`/audit?${query}`));
  expect(problem).toMatchObject({ status: 400, code: "bad_request" });
  expect(problem.errors?.[0]?.field).toBe(field);
});

test.each([
  [{ name: "", scopes: ["calls:read"] }, "body.name"],
  [{ name: "CRM", scopes: ["everything"] }, "body.scopes.0"],
  [{ name: "CRM", scopes: ["calls:read"], role: "admin" }, "body"],
  [{ name: "a\0b", scopes: ["calls:read"] }, "body"],
  [{ name: "\ud800", scopes: ["calls:read"] }, "body"],
  [[], "body"],
  [null, "body"],
])("the answer names a field of a body that the contract does not have: %j", async (body, field) => {
  const problem = await problemIn(await post("/keys", body));
  expect(problem).toMatchObject({ status: 400, code: "bad_request" });
  expect(problem.errors?.[0]?.field).toBe(field);
});

test("a body that is not JSON, too large, too deep or of another type is refused", async () => {
  const send = (body: string, type = "application/json") =>
    ask("/keys", { method: "POST", headers: { "content-type": type }, body });
  expect(await problemIn(await send("{"))).toMatchObject({ status: 400 });
  expect(await problemIn(await send(`"${"x".repeat(300_000)}"`))).toMatchObject({ code: "too_large" });
  expect(await problemIn(await send("[".repeat(100_000) + "]".repeat(100_000)))).toMatchObject({
    status: 400,
  });
  expect(await problemIn(await send(`[${"0,".repeat(131_000)}0]`))).toMatchObject({ status: 400 });
  expect(await problemIn(await send("{}", "application/json; charset=utf-16"))).toMatchObject({
    status: 415,
  });
  expect(await problemIn(await send("name=CRM", "application/x-www-form-urlencoded"))).toMatchObject({
    status: 415,
    code: "unsupported_media_type",
  });
});

test("an answer has an entity tag, and is not sent again to a client that has it", async () => {
  const first = await ask("/organization");
  const etag = first.headers.get("etag") ?? "";
  expect(etag).toMatch(/^W\/"/);
  const again = await ask("/organization", { headers: { "if-none-match": `"other", ${etag}` } });
  expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
  expect((await ask("/organization", { headers: { "if-none-match": '"other"' } })).status).toBe(200);
});

test("a request with an Idempotency-Key is run once, and another request may not have the same key", async () => {
  const body = { name: "CRM", scopes: ["calls:read"] };
  const first = await post("/keys", body, { "idempotency-key": "one" });
  const again = await post("/keys", body, { "idempotency-key": "one" });
  expect([first.status, again.status, again.headers.get("idempotent-replayed")]).toEqual([201, 201, "true"]);
  expect(await again.json()).toEqual(await first.json());
  const other = await post("/keys", { ...body, name: "Other" }, { "idempotency-key": "one" });
  expect(await problemIn(other)).toMatchObject({ status: 409, code: "idempotency_conflict" });
  expect(await problemIn(await post("/keys", body, { "idempotency-key": "a b" }))).toMatchObject({
    status: 400,
  });
  kept.set("runs", { hash: [...kept.values()][0]?.hash ?? "", reply: null });
  expect(await problemIn(await post("/keys", body, { "idempotency-key": "runs" }))).toMatchObject({
    code: "idempotency_conflict",
  });
});

test("a request that failed is run again under its key", async () => {
  const before = answers.createKey;
  answers.createKey = async () => Promise.reject(new Error("away"));
  const body = { name: "CRM", scopes: ["calls:read"] };
  expect((await post("/keys", body, { "idempotency-key": "failed" })).status).toBe(500);
  if (before !== undefined) answers.createKey = before;
  expect((await post("/keys", body, { "idempotency-key": "failed" })).status).toBe(201);
});

test("a change by cookie has to come from a page of the service", async () => {
  const cookie = { cookie: "call_ledger_session=holds", authorization: "" };
  const change = async (headers: Record<string, string>) => {
    const { authorization: _, ...rest } = { ...cookie, ...headers };
    const response = await fetch(`${url}/organization`, {
      method: "PATCH",
      headers: { "content-type": "application/json", ...rest },
      body: "{}",
    });
    return response.status === 200 ? 200 : (await problemIn(response)).code;
  };
  const own = new URL(url).origin;
  expect(await change({ "sec-fetch-site": "same-origin" })).toBe(200);
  expect(await change({ origin: own })).toBe(200);
  for (const site of ["cross-site", "same-site", "none"]) {
    expect(await change({ "sec-fetch-site": site, origin: own })).toBe("cross_site_request");
  }
  expect(await change({ origin: "https://evil.test" })).toBe("cross_site_request");
  expect(await change({ origin: "null" })).toBe("cross_site_request");
  expect(await change({})).toBe("cross_site_request");
});

test("a session that now ends later gets its cookie again", async () => {
  const response = await fetch(`${url}/organization`, {
    headers: { cookie: "a=b; call_ledger_session=holds" },
  });
  expect(response.headers.get("set-cookie")).toBe(
    "call_ledger_session=holds; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000",
  );
});

test("an answer that does not match the contract fails in tests: a missing field, an unknown field", async () => {
  const before = answers.getOrganization;
  for (const body of [
    { ...ORGANIZATION, name: 1 },
    { ...ORGANIZATION, secret: "x" },
  ]) {
    answers.getOrganization = async () => body;
    expect((await ask("/organization")).status).toBe(500);
  }
  if (before !== undefined) answers.getOrganization = before;
});

test("a credential has a limit of requests in a minute, which the answers name", async () => {
  const first = await ask("/organization", {}, "busy");
  expect(first.headers.get("ratelimit")).toMatch(/^"credential"; r=49; t=\d+$/);
  expect(first.headers.get("ratelimit-policy")).toMatch(/^"credential"; q=50; w=60; pk=/);
  const replies = await Promise.all(Array.from({ length: 50 }, () => ask("/organization", {}, "busy")));
  const last = replies.filter(({ status }) => status === 429);
  expect(last.length).toBe(1);
  expect(Number(last[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
  if (last[0]) expect(await problemIn(last[0])).toMatchObject({ code: "too_many_requests" });
});

test("invalid credentials are counted, and an address with too many has to wait", async () => {
  const statuses: number[] = [];
  for (let time = 0; time < 102; time += 1) statuses.push((await ask("/organization", {}, "wrong")).status);
  expect(statuses.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 401));
  expect(statuses.slice(100)).toEqual([429, 429]);
  expect(refused.length).toBe(100);
  expect((await ask("/organization")).status).toBe(429);
  // A request without a credential is asked for one.
  expect((await fetch(`${url}/organization`)).status).toBe(401);
});
