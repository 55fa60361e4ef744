import { SCOPES } from "@call-ledger/domain";
import type { SimulatedCall } from "@call-ledger/simulator";
import { simulateCall } from "@call-ledger/simulator";
import { beforeAll, expect, test } from "vitest";
import { makeKey } from "../harness/access.ts";
import { ASSISTANT, deliver } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

/* From the deliveries of calls to the answers that a program reads. Each answer is checked against the contract. */

let all: Record<string, string>;
let calls: SimulatedCall[];

const { ledger, api } = useApi();

beforeAll(async () => {
  await ledger.addAgent();
  await ledger.sql`update organizations set time_zone = 'America/New_York'`;
  calls = ["completed", "completed", "no_answer"].map((outcome, seed) =>
    simulateCall({
      seed: seed + 1,
      assistantId: ASSISTANT,
      startedAt: Date.UTC(2026, 2, 12, 15 + seed),
      outcome: outcome === "completed" ? "completed" : "no_answer",
      turns: 12,
      recordingOrigin: "https://recordings.test",
      presignedAt: Date.now(),
    }),
  );
  for (const { body } of calls.flatMap((call) => call.deliveries)) await deliver(api.url, Buffer.from(body));
  // Nobody answered the call, so it has no start and is sorted by the time at which it was first seen.
  await ledger.sql`update calls set created_at = '2026-03-12T17:00:00Z' where provider_call_id = ${calls[2]?.callId ?? ""}`;
  all = (await makeKey(ledger, { scopes: SCOPES })).bearer;
});

type Answer = { readonly status: number; readonly body: Record<string, unknown>; readonly text: string };

async function ask(
  path: string,
  init: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const response = await fetch(`${api.url}/api/v1${path}`, {
    method: init.method ?? "GET",
    headers: { ...all, "content-type": "application/json", ...init.headers },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, text, body: isJson ? JSON.parse(text) : {} } satisfies Answer;
}

const data = (answer: Answer) => answer.body.data as Record<string, unknown>[];

test("the list has filters and pages", async () => {
  const whole = await ask("/calls");
  expect(whole.status).toBe(200);
  expect(data(whole).map((call) => call.provider_call_id)).toEqual(
    calls.map(({ callId }) => callId).toReversed(),
  );
  expect(data(await ask("/calls?outcome=no_answer"))).toHaveLength(1);
  expect(data(await ask("/calls?from=2026-03-12&to=2026-03-13"))).toHaveLength(3);
  expect(data(await ask("/calls?to=2026-03-12"))).toHaveLength(0);
  const first = await ask("/calls?limit=2&sort=cost&order=asc");
  const second = await ask(`/calls?limit=2&sort=cost&order=asc&cursor=${first.body.next_cursor}`);
  expect([...data(first), ...data(second)]).toHaveLength(3);
  expect(second.body.next_cursor).toBeNull();
});

test("calls without an agent are selected by the word none", async () => {
  const [call] = await ledger.sql`update calls set agent_id = null where outcome = 'no_answer' returning id`;
  const [{ agent_id: agent } = {}] = await ledger.sql`select agent_id from calls where agent_id is not null`;
  expect(data(await ask("/calls?agent=none")).map(({ id }) => id)).toEqual([call?.id]);
  const stats = await ask(`/stats?from=2026-03-01&to=2026-03-31&agent=none,${agent}`);
  expect(stats.body).toMatchObject({ totals: { calls: 3 } });
  await ledger.sql`update calls set agent_id = ${agent} where id = ${call?.id}`;
});

test("spoken words are found, others are not", async () => {
  const [call] = data(await ask("/calls?outcome=completed&limit=1"));
  const detail = await ask(`/calls/${call?.id}`);
  const said = (detail.body.conversation as { kind: string; text: string }[]).filter(
    ({ kind }) => kind === "speech",
  );
  const word = /[a-z]{6,}/i.exec(said[1]?.text ?? "")?.[0] ?? "";
  const found = data(await ask(`/calls?q=${word.toUpperCase()}`));
  expect(found.map(({ id }) => id)).toContain(call?.id);
  expect(data(await ask("/calls?q=zzzzqqqq"))).toEqual([]);
});

test("a call is read by either id, with its conversation, costs, prompts and times", async () => {
  const [first] = calls;
  const call = await ask(`/calls/${first?.callId}`);
  expect(call.status).toBe(200);
  expect(call.body).toMatchObject({
    outcome: "completed",
    time_zone: "America/New_York",
    ended_reason_text: expect.stringMatching(/\.$/),
    recording_state: "pending",
    agent: { name: null },
    summary: expect.any(String),
  });
  const items = call.body.conversation as Record<string, unknown>[];
  expect(items.filter(({ kind }) => kind === "tool_call").length).toBeGreaterThan(0);
  expect(items.some(({ latency_ms }) => typeof latency_ms === "number")).toBe(true);
  expect(JSON.stringify(items)).not.toContain("[prompt:");
  const { parts } = call.body.costs as { parts: { usd: string }[] };
  const total = parts.reduce((sum, { usd }) => sum + Number(usd), 0);
  expect(total).toBeCloseTo(Number(call.body.cost_usd), 3);
  expect(call.body.prompts).toHaveLength(1);
  expect((await ask(`/calls/${call.body.id}`)).body.id).toBe(call.body.id);
});

test("fields that the scopes do not cover are absent, and cannot be used as filters", async () => {
  const { bearer } = await makeKey(ledger, { scopes: ["calls:read"] });
  const call = await ask(`/calls/${calls[0]?.callId}`, { headers: bearer });
  expect(call.body.summary).toBe((await ask(`/calls/${calls[0]?.callId}`)).body.summary);
  expect(call.body.summary).toMatch(/\w/);
  for (const field of ["cost_usd", "costs", "conversation", "latency", "analysis", "prompts", "metadata"]) {
    expect(call.body).not.toHaveProperty(field);
  }
  for (const query of ["?q=hello", "?sort=cost"]) {
    expect((await ask(`/calls${query}`, { headers: bearer })).body).toMatchObject({ code: "missing_scope" });
  }
  expect((await ask("/calls.csv", { headers: bearer })).text.split("\r\n")[0]).not.toContain("cost_usd");
});

test("the timeline is read, and a stored delivery is read and replayed", async () => {
  const timeline = data(await ask(`/calls/${calls[0]?.callId}/timeline`));
  expect(timeline.length).toBeGreaterThan(3);
  const report = timeline.find(({ type }) => type === "end-of-call-report");
  const payload = await ask(`/events/${report?.id}/payload`);
  expect(payload.body).toMatchObject({ event_id: report?.id, payload: { message: expect.anything() } });
  expect(payload.text).not.toContain("[prompt:");
  const replayed = await ask(`/events/${report?.id}/replay`, { method: "POST" });
  expect(replayed.body).toEqual({ event_id: report?.id, outcome: "duplicate", reason: null });

  const range = { from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date().toISOString() };
  const first = await ask("/events/replay", { method: "POST", body: { ...range, limit: 5 } });
  expect(first.body).toMatchObject({ replayed: 5, applied: 0, duplicates: 5 });
  let cursor = first.body.next_cursor;
  let replays = 5;
  while (cursor !== null) {
    const { body } = await ask("/events/replay", { method: "POST", body: { ...range, limit: 500, cursor } });
    replays += Number(body.replayed) + Number(body.without_payload);
    cursor = body.next_cursor;
  }
  const [counted] = await ledger.sql`select count(*)::int as n from processed_webhook_events`;
  expect(replays).toBe(counted?.n);
  expect((await ask("/events/report:none/payload")).status).toBe(404);
});

test("an event that was lost is booked again from its stored delivery", async () => {
  const timeline = data(await ask(`/calls/${calls[1]?.callId}/timeline`));
  const report = timeline.find(({ type }) => type === "end-of-call-report");
  await ledger.sql`update calls set outcome = 'failed', cost_usd = null where provider_call_id = ${calls[1]?.callId ?? ""}`;
  // As if an earlier adapter had made other events from the delivery.
  await ledger.sql`update processed_webhook_events set event_id = 'reported:of-another-day'
    where event_id = ${String(report?.id)}`;
  const replayed = await ask("/events/reported:of-another-day/replay", { method: "POST" });
  expect(replayed.body).toMatchObject({ outcome: "applied" });
  const call = await ask(`/calls/${calls[1]?.callId}`);
  expect(call.body).toMatchObject({ outcome: "completed", cost_usd: expect.any(String) });
});

test("tags, note and reference of people are changed, found, noted in the audit, and removed", async () => {
  const path = `/calls/${calls[0]?.callId}`;
  const change = {
    tags: ["vip", "vip", "ü,b"],
    note: "Call back",
    external_ref: "crm-1",
    external_url: null,
  };
  const changed = await ask(path, { method: "PATCH", body: change });
  expect(changed.body).toMatchObject({ tags: ["vip", "ü,b"], note: "Call back", external_ref: "crm-1" });
  expect(data(await ask("/calls?tag=vip"))).toHaveLength(1);
  expect(data(await ask("/calls?tag=nobody"))).toHaveLength(0);
  expect(data(await ask("/calls?external_ref=crm-1"))).toHaveLength(1);
  expect((await ask(path, { method: "PATCH", body: { note: null } })).body).toMatchObject({
    note: null,
    tags: ["vip", "ü,b"],
  });
  await ask(path, { method: "PATCH", body: { note: null } });
  const entries = await ledger.sql`select action, before, after from audit_entries
    where action = 'call.changed' order by at`;
  expect(entries).toHaveLength(2);
  expect(entries[1]).toMatchObject({ before: { note: "Call back" }, after: { note: null } });
  expect((await ask("/calls/none", { method: "PATCH", body: {} })).status).toBe(404);
  const [noted] = data(await ask("/audit?limit=1"));
  const call = await ask(path);
  // The call has no number and no name, so the provider's id names it.
  expect(noted).toMatchObject({
    object: { kind: "call", id: call.body.id, name: call.body.customer_number ?? calls[0]?.callId },
  });
});

test("stats use the days of the organization's time zone, also when its clocks change", async () => {
  const day = await ask("/stats?from=2026-03-12&to=2026-03-12&group_by=day,outcome");
  expect(day.body).toMatchObject({ time_zone: "America/New_York", totals: { calls: 3 } });
  expect(data(day)).toMatchObject([
    { day: "2026-03-12", outcome: "completed", calls: 2 },
    { day: "2026-03-12", outcome: "no_answer", calls: 1 },
  ]);
  // 04:30 UTC is 23:30 of the day before in winter and 00:30 in summer.
  const at = async (instant: string) => {
    await ledger.sql`update calls set started_at = ${instant} where provider_call_id = ${calls[2]?.callId ?? ""}`;
    const answer = await ask("/stats?from=2026-03-07&to=2026-03-09&outcome=no_answer&group_by=day");
    return data(answer).map((row) => row.day);
  };
  expect(await at("2026-03-08T04:30:00Z")).toEqual(["2026-03-07"]);
  expect(await at("2026-03-09T03:30:00Z")).toEqual(["2026-03-08"]);
  expect(await at("2026-03-09T04:30:00Z")).toEqual(["2026-03-09"]);
  expect((await ask("/stats?from=2026-03-07&to=2026-03-01")).status).toBe(400);
  const agents = await ask("/stats?from=2026-03-07&to=2026-03-12&group_by=agent");
  expect(data(agents)).toMatchObject([{ agent: { name: null }, calls: 3 }]);
});

test("attention counts calls by their mark, and for the operator also the operator's work", async () => {
  await ledger.sql`update calls set attention = array['no_caller_speech'], started_at = now()
    where provider_call_id = ${calls[2]?.callId ?? ""}`;
  await ledger.sql`update recording_upload_queue set status = 'expired', last_error = 'gone', started_at = now()`;
  await ledger.sql`update calls set started_at = now()`;
  const { body } = await ask("/attention");
  expect(body).toMatchObject({ calls: { stuck: 0, no_caller_speech: 1, recording_failed: 2 } });
  expect(body).not.toHaveProperty("quarantined");
  const { bearer } = await makeKey(ledger, { orgId: null, scopes: ["calls:read"] });
  const operators = await ask(`/attention?organization=${ledger.orgId}`, { headers: bearer });
  expect(operators.body).toMatchObject({ quarantined: 0, silent_accounts: [] });
  expect(data(await ask("/calls?attention=recording_failed"))).toHaveLength(2);
  expect(data(await ask("/calls?attention=any"))).toHaveLength(3);
});

test("attention counts pending parts, and each of its numbers has a list", async () => {
  const [call] = await ledger.sql`update calls set awaits_report = true, attention = '{}'
    where provider_call_id = ${calls[2]?.callId ?? ""} returning id`;
  await ledger.sql`insert into recording_upload_queue (org_id, call_id, channel) values (${ledger.orgId}, ${call?.id}, 'mono')
    on conflict (org_id, call_id, channel) do update set status = 'pending', finished_at = null`;
  expect((await ask("/attention")).body).toMatchObject({ pending: { live: 0, reports: 1, recordings: 1 } });
  const idsOf = async (filter: string) => data(await ask(`/calls?${filter}`)).map(({ id }) => id);
  expect(await idsOf("report_state=pending")).toEqual([call?.id]);
  expect(await idsOf("recording_state=pending,fetching")).toEqual([call?.id]);
  expect(await idsOf("report_state=booked")).not.toContain(call?.id);
  await ledger.sql`update calls set phase = 'in_progress', outcome = null where id = ${call?.id}`;
  expect((await ask("/attention")).body).toMatchObject({ pending: { live: 1, reports: 0 } });
  expect(await idsOf("report_state=pending")).toEqual([]);
  expect(await idsOf("phase=in_progress&attention=none")).toEqual([call?.id]);
  await ledger.sql`update calls set attention = array['stuck'] where id = ${call?.id}`;
  expect((await ask("/attention")).body).toMatchObject({ calls: { stuck: 1 }, pending: { live: 0 } });
  expect(await idsOf("phase=in_progress&attention=none")).toEqual([]);
  await ledger.sql`update calls set phase = 'ended', outcome = 'no_answer', attention = '{}' where id = ${call?.id}`;
});

test("recordings are listed by state, and one is retried", async () => {
  const listed = data(await ask("/recordings?state=expired"));
  expect(listed.length).toBeGreaterThan(1);
  const page = await ask("/recordings?limit=1");
  expect(data(await ask(`/recordings?limit=1&cursor=${page.body.next_cursor}`))[0]?.id).not.toBe(
    data(page)[0]?.id,
  );
  const path = `/recordings/${listed[0]?.id}/retry`;
  const retried = await ask(path, { method: "POST" });
  expect(retried).toMatchObject({ status: 202, body: { state: "pending", attempts: 0 } });
  await ledger.sql`update recording_upload_queue set status = 'fetching'`;
  expect((await ask(path, { method: "POST" })).body).toMatchObject({ code: "conflict" });
  expect((await ask("/recordings/none/retry", { method: "POST" })).status).toBe(404);
});

test("calls are exported as CSV, in which no cell is a formula", async () => {
  await ledger.sql`update calls set customer_name = '=1+2, "x"' where provider_call_id = ${calls[0]?.callId ?? ""}`;
  await ledger.sql`update calls set customer_name = '＝1+2' where provider_call_id = ${calls[1]?.callId ?? ""}`;
  const { text } = await ask("/calls.csv");
  expect(text.split("\r\n")).toHaveLength(5);
  expect(text).toMatch(/^id,provider,provider_call_id,agent_id/);
  for (const cell of [`"'=1+2, ""x"""`, ",'＝1+2,"]) expect(text).toContain(cell);
  expect(text).toMatch(/,\+1\d{10},/);
  expect((await ask("/calls", { headers: { accept: "text/csv" } })).text).toBe(text);
});

test.each([
  "/calls?cursor=x",
  "/calls?from=yesterday",
  "/calls?limit=0",
  "/calls?agent=1",
  "/calls?sort=name",
  "/stats?from=2026-03-07",
  "/recordings?cursor=WyJ4Il0",
])("%s is a bad request", async (path) => {
  const body = { code: "bad_request", errors: expect.any(Array) };
  expect(await ask(path)).toMatchObject({ status: 400, body });
});
