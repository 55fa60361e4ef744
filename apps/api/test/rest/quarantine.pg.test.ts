import { randomUUID } from "node:crypto";
import { newApiKey } from "@call-ledger/credentials";
import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import { testDatabase } from "@call-ledger/db/testing";
import { signDelivery, simulateCall } from "@call-ledger/simulator";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { follow } from "../harness/event-stream.ts";
import type { RunningApi } from "../harness/running-api.ts";
import { SECRET, startApi, untilReady } from "../harness/running-api.ts";

/* The operator's work on quarantined deliveries, over HTTP and with a real database. */

let db: Awaited<ReturnType<typeof testDatabase>>;
let owner: postgres.Sql;
let api: RunningApi;
const operator = newApiKey();
const key = newApiKey();
let orgId = "";

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
  const [org] = await owner`insert into organizations (name) values ('Northgate') returning id`;
  orgId = String(org?.id);
  await owner`insert into api_keys (org_id, name, prefix, key_hash, scopes) values
    (null, 'operator', ${operator.prefix}, ${operator.hash}, '{calls:read}'),
    (${orgId}, 'clinic', ${key.prefix}, ${key.hash}, '{calls:read,agents:write}')`;
  api = await startApi(db.appUrl);
  await untilReady(api);
});
beforeEach(async () => {
  await owner`delete from quarantined_deliveries`;
});
afterAll(async () => {
  await api.stop();
  await owner.end();
  await db.drop();
});

async function ask(method: string, path: string, body?: unknown, token = operator.key) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
  const response = await fetch(`${api.url}/api/v1${path}`, init);
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

/** Sends deliveries of a call with an assistant that is not registered. */
async function strangersCall(count = 2) {
  const assistantId = `asst_${randomUUID()}`;
  const call = simulateCall({
    seed: Math.floor(Math.random() * 1e9),
    assistantId,
    startedAt: Date.now(),
    direction: "inbound",
  });
  for (const { body } of call.deliveries.slice(0, count)) await send(body);
  return { assistantId, callId: call.callId };
}

async function send(body: string) {
  const headers = { "content-type": "application/json", ...signDelivery(body, SECRET, Date.now()) };
  const response = await fetch(`${api.url}/api/webhooks/vapi`, { method: "POST", headers, body });
  expect([200, 202], await response.text()).toContain(response.status);
}

test("quarantined deliveries are listed in pages, counted by agent, and shown with their body", async () => {
  const { assistantId, callId } = await strangersCall(3);
  const { body: first } = await ask("GET", "/quarantine?limit=2");
  expect(first.data).toHaveLength(2);
  const { body: second } = await ask("GET", `/quarantine?limit=2&cursor=${first.next_cursor}`);
  expect(second).toMatchObject({ data: [{ provider_agent_id: assistantId }], next_cursor: null });
  expect(new Set([...first.data, ...second.data].map(({ id }) => id)).size).toBe(3);
  const { body: groups } = await ask("GET", "/quarantine/groups");
  expect(groups.data).toMatchObject([
    {
      account_id: PLATFORM_ACCOUNTS.vapi,
      reason: "unknown_agent",
      provider_agent_id: assistantId,
      deliveries: 3,
    },
  ]);
  const { body: shown } = await ask("GET", `/quarantine/${first.data[0].id}`);
  expect(shown).toMatchObject({
    provider_call_id: callId,
    reason_text: expect.stringContaining("Register it"),
  });
  expect(JSON.stringify(shown.payload)).toContain(callId);
});

test("the list of a group has its deliveries only, also of one that names no agent", async () => {
  const { assistantId } = await strangersCall(3);
  for (const number of ["+12025550143", "+12025550144", null]) {
    await owner`insert into quarantined_deliveries
      (provider, provider_account_id, reason, event_type, our_number, content_key, received_at)
      values ('vapi', ${String(PLATFORM_ACCOUNTS.vapi)}, 'unknown_agent', 'status-update', ${number},
        gen_random_uuid()::text, now())`;
  }
  const listed = async (query: string) =>
    (await ask("GET", `/quarantine?reason=unknown_agent&${query}`)).body.data.length;
  expect(await listed(`provider_agent_id=${assistantId}`)).toBe(3);
  expect(await listed("provider_agent_id=none")).toBe(3);
  expect(await listed(`provider_agent_id=none&our_number=${encodeURIComponent("+12025550143")}`)).toBe(1);
  expect(await listed("provider_agent_id=none&our_number=none")).toBe(1);
});

test("the registration of a delivery's agent books the deliveries that wait for it, and is in the audit", async () => {
  // Some deliveries name our number, and some do not.
  const { assistantId, callId } = await strangersCall(6);
  const { body: groups } = await ask("GET", "/quarantine/groups");
  const numbers = groups.data.flatMap((group: { provider_agent_id: string; our_number: string | null }) =>
    group.provider_agent_id === assistantId ? [group.our_number] : [],
  );
  expect(numbers).toEqual([expect.stringMatching(/^\+1\d{10}$/)]);
  const { body } = await ask("GET", `/quarantine?provider_agent_id=${assistantId}`);
  const path = `/quarantine/${body.data[0].id}/agent`;
  const added = await ask("POST", path, { organization_id: orgId, name: "Reception" });
  expect(added).toMatchObject({ status: 201, body: { provider_agent_id: assistantId, name: "Reception" } });
  await expect
    .poll(async () => (await owner`select id from calls where provider_call_id = ${callId}`).length, {
      timeout: 15_000,
    })
    .toBe(1);
  const ownersOf = (call: string) => `/installation/calls/${call}/organizations`;
  expect((await ask("GET", ownersOf(callId))).body.data).toMatchObject([{ id: orgId, name: "Northgate" }]);
  expect((await ask("GET", ownersOf("unknown"))).body).toEqual({ data: [] });
  expect(await ask("GET", ownersOf(callId), undefined, key.key)).toMatchObject({ status: 403 });
  expect((await ask("POST", path, { organization_id: orgId })).body).toMatchObject({ code: "conflict" });
  const [entry] =
    await owner`select action, actor_kind, object_id from audit_entries where org_id = ${orgId}`;
  expect(entry).toEqual({ action: "agent.added", actor_kind: "operator", object_id: added.body.id });
});

test("an unknown organization is named as an error of the request", async () => {
  await strangersCall(1);
  const { body } = await ask("GET", "/quarantine");
  const answer = await ask("POST", `/quarantine/${body.data[0].id}/agent`, { organization_id: randomUUID() });
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: "body.organization_id" }] } });
});

test("a replay books deliveries that can be booked now, and counts the rest", async () => {
  const { assistantId } = await strangersCall();
  await strangersCall(1);
  const before = await ask("POST", "/quarantine/replay", { provider_agent_id: assistantId });
  expect(before).toMatchObject({ status: 200, body: { booked: 0, waiting: 2, left: 2 } });
  await owner`insert into agents (org_id, provider_account_id, provider_agent_id)
    values (${orgId}, ${String(PLATFORM_ACCOUNTS.vapi)}, ${assistantId})`;
  const after = await ask("POST", "/quarantine/replay", { provider_agent_id: assistantId });
  expect(after.body).toMatchObject({ left: 0 });
  expect((await ask("GET", "/quarantine")).body.data).toHaveLength(1);
});

test("a dropped delivery is gone, once", async () => {
  await strangersCall(1);
  const { body } = await ask("GET", "/quarantine");
  const path = `/quarantine/${body.data[0].id}`;
  expect(await ask("DELETE", path)).toEqual({ status: 204, body: null });
  expect(await ask("DELETE", path)).toMatchObject({ status: 404 });
  expect(await ask("GET", path)).toMatchObject({ status: 404 });
});

test("a key of an organization sees no quarantine", async () => {
  await strangersCall(1);
  for (const path of [
    "/quarantine",
    "/quarantine/groups",
    "/deliveries",
    "/housekeeping",
    "/health/details",
  ]) {
    expect((await ask("GET", path, undefined, key.key)).body).toMatchObject({
      status: 403,
      code: "forbidden",
    });
  }
});

test("the newest deliveries are listed, and streamed as they come", async () => {
  const headers = { authorization: `Bearer ${operator.key}` };
  const stream = await follow("streamDeliveries", api.url, headers);
  const { callId } = await strangersCall(1);
  await stream.until((events) => events.some(({ data }) => data.provider_call_id === callId));
  stream.close();
  const { body } = await ask("GET", "/deliveries?limit=1&outcome=quarantined");
  expect(body.data).toMatchObject([
    {
      provider: "vapi",
      status: 202,
      outcome: "quarantined",
      reason: "unknown_agent",
      provider_call_id: callId,
    },
  ]);
});

test("each number of recordings in the health report has its recordings behind it", async () => {
  await owner`insert into agents (org_id, provider_account_id, provider_agent_id)
    values (${orgId}, ${String(PLATFORM_ACCOUNTS.vapi)}, 'of the recordings')`;
  const states = ["pending", "waiting", "fetching", "stored", "failed", "expired"];
  for (const [at, state] of states.entries()) {
    for (let each = 0; each <= at; each += 1) {
      const [call] = await owner`insert into calls
          (org_id, id, provider, provider_account_id, provider_call_id, phase, outcome)
        values (${orgId}, gen_random_uuid(), 'vapi', ${String(PLATFORM_ACCOUNTS.vapi)}, gen_random_uuid()::text,
          'ended', 'completed')
        returning id`;
      await owner`insert into recording_upload_queue
          (org_id, call_id, channel, status, storage_path, waits_for_host, next_attempt_at)
        values (${orgId}, ${call?.id}, 'mono', ${state === "waiting" ? "pending" : state},
          ${state === "stored" ? "a/path" : null}, ${state === "waiting" ? "host.example.com" : null},
          now() + interval '1 day')`;
    }
  }
  const listed = async (state: string): Promise<number> => {
    let found = 0;
    let cursor: string | null = "";
    while (cursor !== null) {
      const path = `/installation/recordings?state=${state}&limit=2${cursor}`;
      const { body } = await ask("GET", path);
      found += body.data.length;
      cursor = body.next_cursor === null ? null : `&cursor=${body.next_cursor}`;
    }
    return found;
  };
  const { body: health } = await ask("GET", "/health/details");
  for (const [at, state] of states.entries()) {
    expect(await listed(state), state).toBe(at + 1);
    expect(health.recordings[state], state).toBe(at + 1);
  }
});

test("the health, the housekeeping and the providers are shown", async () => {
  expect((await ask("GET", "/health/details")).body).toMatchObject({
    services: { database: true },
    quarantined: 0,
  });
  const { body: jobs } = await ask("GET", "/housekeeping");
  for (const job of jobs.data)
    expect(job).toMatchObject({ name: expect.any(String), every_seconds: expect.any(Number) });
  const { body: providers } = await ask("GET", "/providers");
  expect(providers.data).toMatchObject([{ name: "vapi", title: "Vapi" }]);
  expect(JSON.stringify(providers)).toContain("{webhook_url}");
});

test("the event of a shown delivery finds the delivery in quarantine, with its body", async () => {
  const { callId } = await strangersCall(3);
  const shown = await ask("GET", "/deliveries?limit=100");
  const mine = shown.body.data.filter((one: { provider_call_id: string }) => one.provider_call_id === callId);
  expect(mine).toHaveLength(3);
  for (const { event_id: event, account_id: account, event_type: type } of mine) {
    const found = await ask("GET", `/quarantine?account=${account}&event=${encodeURIComponent(event)}`);
    expect(found.body.data).toMatchObject([{ provider_call_id: callId, event_type: type }]);
    const { body } = await ask("GET", `/quarantine/${found.body.data[0].id}`);
    expect(JSON.stringify(body.payload)).toContain(callId);
  }
});
