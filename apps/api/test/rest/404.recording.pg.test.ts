import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { makeKey, makeOrganization } from "../harness/access.ts";
import { deliver, fixture, message, send } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

let own: { authorization: string };
let neighbours: { authorization: string };
let call: { id: string; provider_call_id: string; org_id: string };

const { ledger, api } = useApi();

beforeAll(async () => {
  await ledger.addAgent();
  await deliver(api.url, fixture("vapi/16-inbound-end-of-call-report.json"));
  await deliver(api.url, message("status-update", "without-report", { status: "ringing" }));
  ({ bearer: own } = await makeKey(ledger));
  ({ bearer: neighbours } = await makeKey(ledger, { orgId: await makeOrganization(ledger) }));
  const [row] = await ledger.sql`select c.id, c.provider_call_id, c.org_id from calls c
    join recording_upload_queue q on q.call_id = c.id and q.channel = 'mono'`;
  call = row as typeof call;
});

const ask = (id: string, headers = own, query = "") =>
  send(`${api.url}/api/v1/calls/${encodeURIComponent(id)}/recording${query}`, {
    headers,
    redirect: "manual",
  });

const settle = (status: string, more: Record<string, unknown> = {}) =>
  ledger.sql`update recording_upload_queue set ${ledger.sql({ status, ...more })}
    where call_id = ${call.id} and channel = 'mono'`;

test("a call of another organization is answered like a missing call, by either id", async () => {
  const path = `org/${call.org_id}/call/${call.id}/mono.wav`;
  await settle("stored", { storage_path: path });
  expect((await ask(call.id)).status).toBe(302);
  const replies = [];
  for (const id of [call.id, call.provider_call_id, randomUUID(), "nobody's", "x".repeat(300), "%00", " "]) {
    const { status, json, headers } = await ask(id, neighbours);
    const own = ["x-request-id", "date", "ratelimit", "ratelimit-policy"];
    const shown = [...headers].filter(([name]) => !own.includes(name));
    replies.push(JSON.stringify([status, { ...Object(json), request_id: null }, shown]));
  }
  expect(new Set(replies).size).toBe(1);
  expect(replies[0]).toContain(
    '[404,{"type":"about:blank","title":"Not Found","status":404,"code":"not_found"',
  );
});

test("if two organizations have the same provider's id of a call, each gets its own call", async () => {
  const [{ org_id } = {}] = await ledger.sql`select org_id from api_keys where org_id <> ${call.org_id}`;
  const theirs = { ...call, org_id, id: randomUUID() };
  const layer = { ...theirs, provider: "vapi", provider_account_id: "00000000-0000-4000-8000-000000000001" };
  await ledger.sql`insert into calls ${ledger.sql(layer)}`;
  await settle("failed", { last_error: "mine" });
  expect((await ask(call.provider_call_id)).json).toMatchObject({ state: "failed", reason: "mine" });
  expect((await ask(call.provider_call_id, neighbours)).json).toMatchObject({ status: 404, state: "none" });
  await ledger.sql`delete from calls where id = ${theirs.id}`;
});

test("a call without a report has no recording yet", async () => {
  expect(await ask("without-report")).toMatchObject({
    status: 404,
    json: { title: "Not Found", status: 404, state: "none", reason: null },
  });
});

test.each([
  { state: "pending", status: 409 },
  { state: "fetching", status: 409 },
  { state: "failed", status: 409 },
  { state: "expired", status: 410 },
])("the answer for a recording that is $state has its reason: $status", async ({ state, status }) => {
  await settle(state, { last_error: "The provider's API answered HTTP 503." });
  const received = await ask(call.id);
  expect(received).toMatchObject({
    status,
    json: { status, state, reason: "The provider's API answered HTTP 503.", detail: expect.any(String) },
  });
  expect(received.headers.get("content-type")).toBe("application/problem+json");
});

test("Retry-After says when to ask again while the recording is not stored yet", async () => {
  const waits = [];
  for (const interval of ["-1 hour", "90 seconds", "3 days"]) {
    await settle("pending", { last_error: null });
    await ledger.sql`update recording_upload_queue set next_attempt_at = now() + ${interval}::interval
      where call_id = ${call.id}`;
    waits.push(Number((await ask(call.id)).headers.get("retry-after")));
  }
  expect(waits[0]).toBe(1);
  expect(waits[1]).toBeGreaterThan(60);
  expect(waits[1]).toBeLessThanOrEqual(90);
  expect(waits[2]).toBe(3_600);
  await settle("failed");
  expect((await ask(call.id)).headers.get("retry-after")).toBeNull();
});

test("without a channel the stored one is sent", async () => {
  await settle("failed");
  await ledger.sql`update recording_upload_queue set status = 'stored',
    storage_path = ${`org/${call.org_id}/call/${call.id}/stereo.wav`} where call_id = ${call.id} and channel = 'stereo'`;
  expect((await ask(call.id)).headers.get("location")).toContain("/stereo.wav?");
  expect((await ask(call.id, own, "?channel=mono")).status).toBe(409);
  expect((await ask(call.id, own, "?channel=stereo")).status).toBe(302);
  await settle("stored", { storage_path: `org/${call.org_id}/call/${call.id}/mono.wav` });
  expect((await ask(call.id)).headers.get("location")).toContain("/mono.wav?");
});

test("a stored path outside the organization's own objects gets no link", async () => {
  const other = randomUUID();
  for (const path of [`org/${other}/call/${call.id}/mono.wav`, "../secrets", "recordings/mono.wav"]) {
    await settle("stored", { storage_path: path });
    expect(await ask(call.id, own, "?channel=mono")).toMatchObject({
      status: 409,
      json: { state: "stored" },
    });
  }
});

test("a stored recording whose file is gone is a fault of the service, with an alert", async () => {
  await settle("stored", { storage_path: `org/${call.org_id}/call/${call.id}/mono.wav` });
  const { headers } = await ask(call.id);
  const received = await send(`${api.url}${headers.get("location")}`, {});
  expect(received).toMatchObject({ status: 500, json: { title: "Internal Server Error" } });
  expect(received.headers.get("etag")).toBeNull();
  expect(api.lines.some((line) => line.includes("CRITICAL") && line.includes("RecordingLost"))).toBe(true);
});
