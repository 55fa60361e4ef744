import { newApiKey } from "@call-ledger/credentials";
import { until } from "@call-ledger/testkit/process";
import { beforeAll, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import { deliver, message } from "../harness/deliveries.ts";
import { startApi } from "../harness/running-api.ts";
import { METRICS_TOKEN, scrape } from "../harness/scrape.ts";
import { useApi } from "../harness/use-api.ts";

const { ledger, api } = useApi({ METRICS_TOKEN });

beforeAll(async () => {
  await ledger.addAgent();
  await deliver(api.url, message("status-update", "call-1", { status: "ringing" }));
});

const ask = (headers: Record<string, string>, init: RequestInit = {}) =>
  fetch(`${api.url}/api/v1/calls/call-1/recording`, { ...init, headers });

/** All parts of a reply that a caller sees, except the request id and the time. */
async function seen(response: Response): Promise<string> {
  const own = ["x-request-id", "date", "ratelimit", "ratelimit-policy"];
  const shown = [...response.headers].filter(([name]) => !own.includes(name));
  const { request_id, ...body } = Object(await response.json());
  expect(request_id).toBe(response.headers.get("x-request-id"));
  return JSON.stringify([response.status, body, shown]);
}

test("malformed, unknown and revoked keys get the same answer, and a missing one another", async () => {
  const revoked = await makeKey(ledger);
  await ledger.sql`update api_keys set revoked_at = now() where id = ${revoked.id}`;
  const { key } = await makeKey(ledger);
  const refusals = [
    { authorization: "Bearer " },
    { authorization: "Bearer wrong" },
    { authorization: `Bearer ${newApiKey().key}` },
    { authorization: revoked.bearer.authorization },
    { authorization: key },
    { authorization: `Basic ${key}` },
    { authorization: `Bearer ${key} ${key}` },
    { authorization: `Bearer ${key.slice(0, -1)}` },
    { authorization: `Bearer ${key.toLowerCase()}` },
  ];
  const replies = await Promise.all(refusals.map(async (headers) => seen(await ask(headers))));
  expect(new Set(replies).size).toBe(1);
  expect(replies[0]).toContain(
    '[401,{"type":"about:blank","title":"Unauthorized","status":401,"code":"unauthorized",',
  );
  expect(replies[0]).toContain("The API key is not valid: it is mistyped, unknown or revoked.");
  expect(replies[0]).toContain('error=\\"invalid_token\\"');
  const withoutKey = await Promise.all(
    [{}, { authorization: "" }, { "x-api-key": key }].map(async (headers) => seen(await ask(headers))),
  );
  expect(new Set(withoutKey).size).toBe(1);
  expect(withoutKey[0]).toContain("Send an API key as Authorization: Bearer clk_…, or sign in.");
  expect((await ask({})).headers.get("www-authenticate")).toBe('Bearer realm="call-ledger"');
  expect((await ask({})).headers.get("content-type")).toBe("application/problem+json");
  expect((await ask({ authorization: `bearer  ${key}` })).status).toBe(404);
});

test("a key stops in the moment of its revocation, even if it is used all the time", async () => {
  const { id, bearer } = await makeKey(ledger);
  const statuses: { asked: number; status: number }[] = [];
  let going = true;
  const busy = Array.from({ length: 3 }, async () => {
    while (going) {
      const asked = performance.now();
      statuses.push({ asked, status: (await ask(bearer)).status });
    }
  });
  await until(() => statuses.length > 20, "the key is in use");
  await ledger.sql`update api_keys set revoked_at = now() where id = ${id}`;
  const revoked = performance.now();
  await until(() => statuses.filter(({ asked }) => asked > revoked).length > 20, "it is used on");
  going = false;
  await Promise.all(busy);
  const after = statuses.filter(({ asked }) => asked > revoked);
  expect(new Set(after.map(({ status }) => status))).toEqual(new Set([401]));
  expect(statuses.some(({ status }) => status === 404)).toBe(true);
});

test("the last use of a key is noted, at most once a minute", async () => {
  const { id, bearer } = await makeKey(ledger);
  const used = async () => {
    const [row] =
      await ledger.sql`select last_used_at as at, xmin::text as version from api_keys where id = ${id}`;
    return row;
  };
  expect((await used())?.at).toBeNull();
  await Promise.all(Array.from({ length: 10 }, () => ask(bearer)));
  const first = await used();
  expect(Math.abs(Date.now() - first?.at.getTime())).toBeLessThan(60_000);
  await Promise.all(Array.from({ length: 10 }, () => ask(bearer)));
  expect(await used()).toEqual(first);
  await ledger.sql`update api_keys set last_used_at = now() - interval '61 seconds' where id = ${id}`;
  await ask(bearer);
  expect(Date.now() - (await used())?.at.getTime()).toBeLessThan(60_000);
});

test("a key works while its row is locked, and on a read-only database", async () => {
  const { id, bearer } = await makeKey(ledger);
  await ledger.sql.begin(async (held) => {
    await held`select from api_keys where id = ${id} for update`;
    expect((await ask(bearer)).status).toBe(404);
  });
  const [{ name } = {}] = await ledger.sql`select quote_ident(current_database()) as name`;
  await ledger.sql.unsafe(`alter database ${name} set default_transaction_read_only = on`);
  const fresh = await startApi(ledger.database.appUrl);
  try {
    const response = await fetch(`${fresh.url}/api/v1/calls/call-1/recording`, { headers: bearer });
    expect(response.status).toBe(404);
  } finally {
    await fresh.stop();
    const writing = "set default_transaction_read_only = off";
    await ledger.sql.unsafe(`${writing}; alter database ${name} reset default_transaction_read_only`);
  }
});

test("a method that the path does not have is refused before the key is checked", async () => {
  const response = await ask({}, { method: "POST" });
  expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test("a refused credential is counted in the metrics, and a request without one or with a valid one is not", async () => {
  const counted = async () => (await scrape(api.url)).get("call_ledger_refused_credentials_total") ?? 0;
  const before = await counted();
  const { bearer } = await makeKey(ledger);
  await ask(bearer);
  await ask({});
  expect(await counted()).toBe(before);
  const headers = { authorization: `Bearer ${newApiKey().key}`, "x-forwarded-for": "198.51.100.9" };
  await ask(headers);
  await ask({ cookie: "call_ledger_session=cls_none", "x-forwarded-for": "198.51.100.10" });
  expect(await counted()).toBe(before + 2);
});
