import { randomBytes } from "node:crypto";
import { newApiKey } from "@call-ledger/credentials";
import { testDatabase } from "@call-ledger/db/testing";
import { signDelivery, simulateCall } from "@call-ledger/simulator";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningApi } from "../harness/running-api.ts";
import { startApi, untilReady } from "../harness/running-api.ts";

/* An operator makes an organization and connects its own account at a provider, and sees whether deliveries verify. */

let db: Awaited<ReturnType<typeof testDatabase>>;
let owner: postgres.Sql;
let api: RunningApi;
const operator = newApiKey();

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
  await owner`insert into api_keys (org_id, name, prefix, key_hash, scopes)
    values (null, 'operator', ${operator.prefix}, ${operator.hash}, '{calls:read}')`;
  api = await startApi(db.appUrl, { ENCRYPTION_KEY: randomBytes(32).toString("base64") });
  await untilReady(api);
});
afterAll(async () => {
  await api.stop();
  await owner.end();
  await db.drop();
});

async function ask(method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${operator.key}`, "content-type": "application/json" };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(`${api.url}/api/v1${path}`, init);
  return { status: response.status, body: JSON.parse(await response.text()) };
}

async function newOrganization(name = "Northgate") {
  const { status, body } = await ask("POST", "/organizations", { name, time_zone: "America/Chicago" });
  expect(status).toBe(201);
  return String(body.id);
}

async function deliver(url: string, secret: string, seed = 7) {
  const call = simulateCall({ seed, assistantId: "own", startedAt: Date.now() });
  const body = call.deliveries[0]?.body ?? "";
  const headers = { "content-type": "application/json", ...signDelivery(body, secret, Date.now()) };
  return (await fetch(url, { method: "POST", headers, body })).status;
}

test("an organization is made and listed, and needs a valid time zone", async () => {
  const id = await newOrganization();
  const { body } = await ask("GET", "/organizations");
  expect(body.data).toContainEqual(expect.objectContaining({ id, time_zone: "America/Chicago" }));
  const wrong = await ask("POST", "/organizations", { name: "Nowhere", time_zone: "Mars/Olympus" });
  expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: "body.time_zone" }] } });
});

test("an account is made, takes deliveries, and shows when they verified and why one was refused", async () => {
  const orgId = await newOrganization();
  const made = await ask("POST", "/accounts", {
    provider: "vapi",
    organization_id: orgId,
    api_key: "private",
  });
  expect(made).toMatchObject({
    status: 201,
    body: { organization_id: orgId, secrets: 1, has_api_key: true },
  });
  const { id, webhook_url: url, webhook_secret: secret } = made.body;
  expect(await deliver(url, "not-the-secret-at-all")).toBe(401);
  expect(await deliver(url, secret)).toBe(200);
  const account = async () => {
    const { body } = await ask("GET", "/accounts");
    return body.data.find((one: { id: string }) => one.id === id);
  };
  await expect
    .poll(account, { timeout: 15_000, interval: 500 })
    .toMatchObject({ last_delivery_at: expect.any(String), last_refusal: { reason: "wrong_proof" } });
  expect(JSON.stringify(await account())).not.toContain(secret);
});

test("after a rotation the new and the previous secret are valid, and the one before is not", async () => {
  const orgId = await newOrganization();
  const { body: made } = await ask("POST", "/accounts", { provider: "vapi", organization_id: orgId });
  const secrets = [made.webhook_secret];
  for (let turn = 0; turn < 2; turn += 1) {
    const { status, body } = await ask("POST", `/accounts/${made.id}/secret`, {});
    expect(status).toBe(201);
    secrets.push(body.webhook_secret);
  }
  const statuses = await Promise.all(secrets.map((secret, seed) => deliver(made.webhook_url, secret, seed)));
  expect(statuses).toEqual([401, 200, 200]);
});

test("an account gets a name and a recording host; the platform's own account is set by the environment", async () => {
  const orgId = await newOrganization();
  const { body: made } = await ask("POST", "/accounts", { provider: "vapi", organization_id: orgId });
  const change = { name: "Clinic", recording_hosts: ["Recordings.example.com"] };
  expect((await ask("PATCH", `/accounts/${made.id}`, change)).body).toMatchObject({
    name: "Clinic",
    recording_hosts: ["recordings.example.com"],
  });
  const wrong = await ask("PATCH", `/accounts/${made.id}`, { recording_hosts: ["https://example.com/"] });
  expect(wrong.body).toMatchObject({ errors: [{ field: "body.recording_hosts" }] });
  const [platform] = (await ask("GET", "/accounts")).body.data;
  expect(platform).toMatchObject({ organization_id: null, secrets: 1 });
  expect((await ask("POST", `/accounts/${platform.id}/secret`, {})).status).toBe(409);
  const actions = await owner`select action from audit_entries where org_id = ${orgId} order by at`;
  expect(actions.map(({ action }) => action)).toEqual([
    "organization.created",
    "account.created",
    "account.changed",
  ]);
});

test("the audit says what happened to an account's API key, without the key", async () => {
  const orgId = await newOrganization();
  const { body: made } = await ask("POST", "/accounts", { provider: "vapi", organization_id: orgId });
  for (const change of [
    { api_key: "private-1" },
    { name: "Clinic", api_key: "private-2" },
    { name: null },
    { api_key: null },
  ]) {
    await ask("PATCH", `/accounts/${made.id}`, change);
  }
  await ask("POST", "/accounts", { provider: "vapi", organization_id: orgId, api_key: "private-3" });
  const entries = await owner`select action, before, after from audit_entries
    where org_id = ${orgId} and object_kind = 'account' order by at`;
  expect(entries.map(({ before, after }) => [before?.api_key, after.api_key, after.name])).toEqual([
    [undefined, "none", null],
    ["none", "set", null],
    ["set", "replaced", "Clinic"],
    ["set", "set", null],
    ["set", "none", null],
    [undefined, "set", null],
  ]);
  expect(JSON.stringify(entries)).not.toContain("private-");
});

test("recordings that wait for a host are due as soon as the account allows a host", async () => {
  const orgId = await newOrganization();
  const { body: made } = await ask("POST", "/accounts", { provider: "vapi", organization_id: orgId });
  expect(await deliver(made.webhook_url, made.webhook_secret, 11)).toBe(200);
  const [call] = await owner`select id from calls where org_id = ${orgId}`;
  await owner`insert into recording_upload_queue (org_id, call_id, channel, waits_for_host, next_attempt_at)
    values (${orgId}, ${call?.id}, 'mono', 'recordings.example.com', now() + interval '10 minutes')`;
  const isDue = async () => {
    const [job] =
      await owner`select next_attempt_at <= now() as due from recording_upload_queue where org_id = ${orgId}`;
    return job?.due;
  };
  await ask("PATCH", `/accounts/${made.id}`, { name: "Clinic" });
  expect(await isDue()).toBe(false);
  await ask("PATCH", `/accounts/${made.id}`, { recording_hosts: ["recordings.example.com"] });
  expect(await isDue()).toBe(true);
});

test("an organization that was never compared has no complete day", async () => {
  const orgId = await newOrganization();
  const { status, body } = await ask("GET", `/completeness?organization=${orgId}`);
  expect({ status, body }).toEqual({ status: 200, body: { time_zone: "America/Chicago", accounts: [] } });
  const wrong = await ask("GET", `/completeness?organization=${orgId}&from=2026-03-01`);
  expect(wrong.body).toMatchObject({ errors: [{ field: "query.to" }] });
  for (const day of ["0001-01-01", "9999-12-31"]) {
    const far = await ask("GET", `/completeness?organization=${orgId}&to=${day}`);
    expect(far.body).toMatchObject({ status: 400, errors: [{ field: "query.to" }] });
  }
});
