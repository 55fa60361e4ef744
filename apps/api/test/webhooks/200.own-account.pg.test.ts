import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { secretBox } from "@call-ledger/credentials";
import { signVapi } from "@call-ledger/providers/testing/vapi";
import { until } from "@call-ledger/testkit/process";
import { beforeAll, expect, test } from "vitest";
import { ENCRYPTION_KEY, makeAccount, makeOrganization } from "../harness/access.ts";
import type { Received } from "../harness/deliveries.ts";
import { ASSISTANT, message, send } from "../harness/deliveries.ts";
import { SECRET, startApi } from "../harness/running-api.ts";
import { useApi } from "../harness/use-api.ts";

/* Deliveries to an organization's own account: its secret verifies them, and it decides their organization. */

let neighbour: string;
let accountId: string;
const OWN_SECRET = "the-accounts-own-secret";

const { ledger, api } = useApi({ ENCRYPTION_KEY });

beforeAll(async () => {
  // The assistant of the fixtures belongs to the ledger's organization, at the platform's account.
  await ledger.addAgent();
  neighbour = await makeOrganization(ledger);
  accountId = await makeAccount(ledger, OWN_SECRET, { orgId: neighbour });
});

let calls = 0;

function deliverTo(
  account: string,
  secret: string,
  {
    callId = `own-${++calls}`,
    headers,
  }: { callId?: string; headers?: (body: Buffer) => Record<string, string> } = {},
  to: { readonly url: string } = api,
): Promise<Received> {
  const body = message("status-update", callId, { status: "ringing" });
  return send(`${to.url}/api/webhooks/vapi/${account}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(headers?.(body) ?? signVapi(body, secret, Date.now())),
    },
    body,
  });
}

const ownersOf = async (callId: string) =>
  (await ledger.sql`select org_id, provider_account_id from calls where provider_call_id = ${callId}`).map(
    (row) => ({
      ...row,
    }),
  );

test("a delivery is booked for the account's organization, and for no other, whatever assistant it names", async () => {
  const received = await deliverTo(accountId, OWN_SECRET, { callId: "own-call" });
  expect(received).toMatchObject({ status: 200, json: { outcome: "applied" } });
  expect(await ownersOf("own-call")).toEqual([{ org_id: neighbour, provider_account_id: accountId }]);
  const [call] = await ledger.sql`select agent_id from calls where provider_call_id = 'own-call'`;
  expect(call).toEqual({ agent_id: null });
  expect(await deliverTo(accountId.toUpperCase(), OWN_SECRET, { callId: "own-call" })).toMatchObject({
    json: { outcome: "duplicate" },
  });
});

test("an agent that is registered under the account is found", async () => {
  await ledger.sql`insert into agents (org_id, provider_account_id, provider_agent_id)
    values (${neighbour}, ${accountId}, ${ASSISTANT})`;
  await deliverTo(accountId, OWN_SECRET, { callId: "with-agent" });
  const [row] =
    await ledger.sql`select a.org_id from calls c join agents a on a.org_id = c.org_id and a.id = c.agent_id
    where c.provider_call_id = 'with-agent'`;
  expect(row).toEqual({ org_id: neighbour });
});

test("another organization gets no part of it, although the same call came to the platform's account", async () => {
  const body = message("status-update", "both", { status: "ringing" });
  const headers = signVapi(body, SECRET, Date.now());
  await send(api.url, { method: "POST", headers, body });
  await deliverTo(accountId, OWN_SECRET, { callId: "both" });
  const owners = await ownersOf("both");
  expect(owners).toHaveLength(2);
  expect(owners).toEqual(
    expect.arrayContaining([
      { org_id: ledger.orgId, provider_account_id: "00000000-0000-4000-8000-000000000001" },
      { org_id: neighbour, provider_account_id: accountId },
    ]),
  );
});

test("only the account's own secret verifies; the reply shows neither the fault nor whether the account exists", async () => {
  const seen = async (received: Promise<Received>) => {
    const { status, text, headers } = await received;
    const shown = [...headers].filter(([name]) => name !== "x-request-id" && name !== "date");
    return JSON.stringify([status, text, shown]);
  };
  const replies = await Promise.all([
    seen(deliverTo(accountId, SECRET)),
    seen(deliverTo(accountId, "another-secret")),
    seen(deliverTo(accountId, "", { headers: () => ({}) })),
    seen(deliverTo(randomUUID(), OWN_SECRET)),
    seen(deliverTo(randomUUID(), SECRET)),
    seen(deliverTo("00000000-0000-4000-8000-000000000001", SECRET)),
    seen(deliverTo("nobody", OWN_SECRET)),
    seen(deliverTo("%00", OWN_SECRET)),
  ]);
  expect(new Set(replies).size).toBe(1);
  expect(replies[0]).toContain("[401,");
  const body = message("status-update", "stolen", { status: "ringing" });
  const own = signVapi(body, OWN_SECRET, Date.now());
  expect((await send(api.url, { method: "POST", headers: own, body })).status).toBe(401);
});

test("both secrets are valid during a rotation; five seconds after it the old one is not", {
  retry: 2,
}, async () => {
  const rotating = await makeAccount(ledger, "old-secret");
  expect((await deliverTo(rotating, "old-secret")).status).toBe(200);
  expect((await deliverTo(rotating, "new-secret")).status).toBe(401);
  const sealed = secretBox(ENCRYPTION_KEY).seal("new-secret", { accountId: rotating, use: "webhook secret" });
  await ledger.sql`update provider_accounts set webhook_secrets = array_prepend(${sealed}::bytea, webhook_secrets)
    where id = ${rotating}`;
  await until(
    async () => (await deliverTo(rotating, "new-secret")).status === 200,
    "the new secret is valid",
  );
  expect((await deliverTo(rotating, "old-secret")).status).toBe(200);

  await ledger.sql`update provider_accounts set webhook_secrets = webhook_secrets[1:1] where id = ${rotating}`;
  const finished = performance.now();
  await until(
    async () => (await deliverTo(rotating, "old-secret")).status === 401,
    "the old secret is refused",
  );
  expect(performance.now() - finished).toBeLessThan(6_000);
  expect((await deliverTo(rotating, "new-secret")).status).toBe(200);
});

test("an account may have its own way of signing", async () => {
  const hmac = {
    algorithm: "sha512",
    encoding: "base64",
    payload_format: "{body}",
    signature_header: "x-mine",
  };
  const account = await makeAccount(ledger, "mine", { verification: { auth: "hmac", hmac } });
  const signed = (body: Buffer) => ({ "x-mine": createHmac("sha512", "mine").update(body).digest("base64") });
  expect((await deliverTo(account, "", { headers: signed })).status).toBe(200);
  expect((await deliverTo(account, "mine")).status).toBe(401);
  expect((await deliverTo(account, "", { headers: () => ({ "x-vapi-secret": "mine" }) })).status).toBe(401);
});

test("a signature over the URL is checked against PUBLIC_URL, whatever Host a proxy sends on", async () => {
  const hmac = { payload_format: "{url}.{body}", signature_header: "x-mine" };
  const account = await makeAccount(ledger, "mine", { verification: { auth: "hmac", hmac } });
  const publicApi = await startApi(ledger.database.appUrl, {
    ENCRYPTION_KEY,
    PUBLIC_URL: "https://calls.example.test/base/",
  });
  const signedFor = (url: string) => (body: Buffer) => ({
    "x-forwarded-host": "calls.example.test",
    "x-mine": createHmac("sha256", "mine")
      .update(`${url}/api/webhooks/vapi/${account}.`)
      .update(body)
      .digest("hex"),
  });
  try {
    const statuses = [];
    for (const url of ["https://calls.example.test/base", "https://calls.example.test", publicApi.url]) {
      statuses.push((await deliverTo(account, "", { headers: signedFor(url) }, publicApi)).status);
    }
    expect(statuses).toEqual([200, 401, 401]);
    // Without PUBLIC_URL the URL is that of the request, and a header of another proxy does not change it.
    expect((await deliverTo(account, "", { headers: signedFor(api.url) })).status).toBe(200);
  } finally {
    await publicApi.stop();
  }
});

test("secrets that cannot be read are a fault of the service: 500 for the delivery, the reason in the log", async () => {
  const sealedElsewhere = await makeAccount(ledger, "s", { encryptionKey: randomBytes(32).toString("hex") });
  const oddly = await makeAccount(ledger, "s", { verification: { auth: "hope" } });
  expect((await deliverTo(sealedElsewhere, "s")).status).toBe(500);
  expect((await deliverTo(oddly, "s")).status).toBe(500);
  const keyless = await startApi(ledger.database.appUrl);
  expect((await deliverTo(accountId, OWN_SECRET, {}, keyless)).status).toBe(500);
  await keyless.stop();
  const said = [...api.lines, ...keyless.lines].filter((line) =>
    line.includes("CRITICAL: a provider account"),
  );
  expect(said.map((line) => JSON.parse(line).why)).toEqual([
    "its secrets were encrypted with another ENCRYPTION_KEY",
    "its verification settings cannot be read",
    "ENCRYPTION_KEY is not set",
  ]);
});

test("a sender without a credential does not learn that secrets cannot be read: 401 as for no account, no alarm", async () => {
  const encryptionKey = randomBytes(32).toString("hex");
  const hmac = { payload_format: "{body}", signature_header: "x-mine" };
  const accounts = [
    await makeAccount(ledger, "s", { encryptionKey }),
    await makeAccount(ledger, "s", { encryptionKey, verification: { auth: "hmac", hmac } }),
    await makeAccount(ledger, "s", { verification: { auth: "hope" } }),
  ];
  const to = (account: string, headers: Record<string, string>) =>
    deliverTo(account, "", { headers: () => headers });
  const nobody = await to(randomUUID(), {});
  expect(nobody.status).toBe(401);
  for (const account of accounts) {
    const { status, text } = await to(account, { "x-mine-not": "0" });
    expect([status, text]).toEqual([nobody.status, nobody.text]);
    expect(api.lines.filter((line) => line.includes(account))).toEqual([]);
  }
  const [plain = "", own = "", oddly = ""] = accounts;
  expect((await to(plain, { "x-vapi-secret": "0" })).status).toBe(500);
  expect((await to(own, { "x-mine": "0" })).status).toBe(500);
  expect((await to(oddly, { authorization: "0" })).status).toBe(500);
});
