import { settleAlarms } from "@call-ledger/db/alerts";
import { openPool } from "@call-ledger/db/client";
import { workerSession } from "@call-ledger/db/jobs";
import type { AlarmSighting } from "@call-ledger/domain";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { ENCRYPTION_KEY, makeKey, makeOrganization } from "../harness/access.ts";
import type { ApiRequest } from "../harness/people.ts";
import { askApi, signIn } from "../harness/people.ts";
import { useApi } from "../harness/use-api.ts";

const HOUR = 3_600_000;
const SLACK = { kind: "slack", url: "https://hooks.slack.com/services/T000/B000/aSecretPath" } as const;
const NOBODYS = "00000000-0000-4000-8000-000000000000";

let neighbour: string;
let admin: object;
let operator: object;

// A worker in the api would close the alarms of this test, because their conditions do not hold.
const { ledger, api } = useApi({
  ENCRYPTION_KEY,
  WORKER: "off",
  ALERT_HOSTS: "10.0.0.7:8443",
});

beforeAll(async () => {
  neighbour = await makeOrganization(ledger);
  admin = await signIn(api, ledger, "admin");
  operator = (await makeKey(ledger, { orgId: null })).bearer;
});

beforeEach(async () => {
  await ledger.sql`delete from alarms`;
  await ledger.sql`delete from alert_deliveries`;
  await ledger.sql`delete from alert_channels where kind <> 'log'`;
  await ledger.sql`delete from audit_entries`;
});

const ask = (...request: ApiRequest) => askApi(api, ...request);

const overdue = (orgId: string, calls = 7): AlarmSighting => ({
  condition: "calls_overdue",
  scope: `organization:${orgId}`,
  orgId,
  opens: true,
  figures: { calls },
});
const silentWorker: AlarmSighting = {
  condition: "worker_silent",
  scope: "installation",
  orgId: null,
  opens: true,
  figures: { seconds: 300 },
};

async function settle(moment: number, ...sightings: AlarmSighting[]): Promise<void> {
  const pool = openPool(ledger.database.appUrl, { max: 1, name: "alarms test" });
  const times = { moment, quietSeconds: 900, repeatSeconds: 86_400 };
  await workerSession(pool, 5_000).run((sql) => settleAlarms(sql, sightings, times));
  await pool.close(1_000);
}

type Row = { readonly id: string; readonly condition: string } & Readonly<Record<string, unknown>>;
const listed = async (who: object, path: string) => (await ask(who, "GET", path)).json.data as Row[];

async function openAlarm(): Promise<string> {
  await settle(Date.now(), overdue(ledger.orgId));
  const [alarm] = await listed(admin, "/alarms");
  return String(alarm?.id);
}

const audited = async () =>
  (await ledger.sql`select org_id, action, actor_kind, before, after from audit_entries order by at`).map(
    ({ org_id, action, actor_kind, before, after }) => ({ org_id, action, by: actor_kind, before, after }),
  );

test("200 lists open and past alarms with a readable summary, page by page", async () => {
  const now = Date.now();
  await settle(now - 2 * HOUR, overdue(ledger.orgId), silentWorker);
  await settle(now - HOUR);
  // Seen now, so the api, which checks alarms by itself, does not close them.
  await settle(now, overdue(ledger.orgId, 9), overdue(neighbour));
  const first = (await ask(admin, "GET", "/alarms?limit=1")).json;
  expect(first.data).toMatchObject([
    {
      condition: "calls_overdue",
      scope_name: "Northgate Plumbing",
      organization_id: ledger.orgId,
      summary: "9 calls have no end or no report.",
      runbook: "docs/runbooks/calls-overdue.md",
      closed_at: null,
    },
  ]);
  const second = (await ask(admin, "GET", `/alarms?limit=1&cursor=${first.next_cursor}`)).json;
  expect(second).toMatchObject({ data: [{ figures: { calls: 7 } }], next_cursor: null });
  const count = async (who: object, path: string) => (await listed(who, path)).length;
  expect(await count(admin, "/alarms?state=open")).toBe(1);
  expect(await count(admin, "/alarms?state=closed")).toBe(1);
  expect(await count(await signIn(api, ledger, "viewer"), "/alarms")).toBe(2);
  expect(await count(operator, "/installation/alarms")).toBe(4);
  expect(await count(operator, `/alarms?organization=${neighbour}`)).toBe(1);
  const concerning = await listed(operator, `/installation/alarms?for_organization=${neighbour}`);
  expect(concerning.map(({ organization_id: owner }) => owner)).toEqual([neighbour, null]);
});

test("200 acknowledges once, with the name of the caller, and notes it in the audit", async () => {
  const id = await openAlarm();
  const answer = await ask(admin, "POST", `/alarms/${id}/acknowledge`);
  expect(answer).toMatchObject({ status: 200, json: { acknowledged_by: "admin" } });
  const again = await ask(operator, "POST", `/installation/alarms/${id}/acknowledge`);
  expect(again.json).toMatchObject({ acknowledged_by: "admin" });
  expect(await audited()).toMatchObject([
    {
      org_id: ledger.orgId,
      action: "alarm.acknowledged",
      by: "member",
      after: { condition: "calls_overdue" },
    },
  ]);
});

test("409 for an alarm that is over", async () => {
  const id = await openAlarm();
  await settle(Date.now() + HOUR);
  const { status, json } = await ask(admin, "POST", `/alarms/${id}/acknowledge`);
  expect([status, json.code]).toEqual([409, "conflict"]);
});

test("200 mutes until a time or for hours, 204 unmutes, and the audit has both values", async () => {
  const id = await openAlarm();
  const until = new Date(Date.now() + 2 * HOUR).toISOString();
  expect((await ask(admin, "POST", `/alarms/${id}/mute`, { until })).json).toMatchObject({
    muted_until: until,
  });
  const { json } = await ask(operator, "POST", `/installation/alarms/${id}/mute`, { for_hours: 5 });
  expect(Date.parse(String(json.muted_until)) - Date.now()).toBeGreaterThan(4 * HOUR);
  expect((await ask(admin, "DELETE", `/alarms/${id}/mute`)).status).toBe(204);
  expect(await listed(admin, "/alarms")).toMatchObject([{ muted_until: null }]);
  expect(await audited()).toMatchObject([
    { action: "alarm.muted", by: "member", before: { muted_until: null }, after: { muted_until: until } },
    { action: "alarm.muted", by: "operator", org_id: ledger.orgId },
    { action: "alarm.unmuted", after: { muted_until: null } },
  ]);
});

test.each([
  ["neither", {}, "body"],
  ["both", { until: "2036-03-04T00:00:00Z", for_hours: 1 }, "body"],
  ["a time in the past", { until: "2026-03-04T00:00:00Z" }, "body.until"],
  ["a time in years", { until: "2099-03-04T00:00:00Z" }, "body.until"],
  ["half an hour", { for_hours: 0.5 }, "body.for_hours"],
])("400 for muting with %s", async (_what, body, field) => {
  const id = await openAlarm();
  const { status, json } = await ask(admin, "POST", `/alarms/${id}/mute`, body);
  expect([status, json.errors]).toMatchObject([400, [{ field }]]);
});

test("201 adds channels, 200 changes one, 204 removes it; their settings are never shown again", async () => {
  const slack = await ask(admin, "POST", "/alert-channels", { name: "On call", settings: SLACK });
  expect(slack).toMatchObject({
    status: 201,
    json: {
      kind: "slack",
      name: "On call",
      host: "hooks.slack.com",
      organization_id: ledger.orgId,
      secret: null,
    },
  });
  const hook = { kind: "webhook", url: "https://hooks.example.com/alarms" };
  const made = await ask(admin, "POST", "/alert-channels", { settings: hook });
  expect(made.json.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const path = `/alert-channels/${made.json.id}`;
  const renamed = await ask(admin, "PATCH", path, { name: "Pager" });
  expect(renamed.json).toMatchObject({ name: "Pager", host: "hooks.example.com", secret: null });
  const moved = await ask(admin, "PATCH", path, {
    settings: { ...hook, url: "https://pager.example.com/x" },
  });
  expect(moved.json).toMatchObject({ name: "Pager", host: "pager.example.com" });
  expect(moved.json.secret).not.toBe(made.json.secret);
  expect((await ask(admin, "DELETE", path)).status).toBe(204);
  expect(await listed(admin, "/alert-channels")).toMatchObject([{ id: slack.json.id }]);
  const shown = JSON.stringify([await listed(admin, "/alert-channels"), await audited()]);
  expect(shown).not.toMatch(/whsec_|aSecretPath/);
  expect((await audited()).map(({ action }) => action)).toEqual([
    "alert_channel.created",
    "alert_channel.created",
    "alert_channel.changed",
    "alert_channel.changed",
    "alert_channel.removed",
  ]);
});

test.each([
  ["a URL without TLS", { kind: "slack", url: "http://hooks.slack.com/x" }, "body.settings.url"],
  ["a port that is not usual", { kind: "slack", url: "https://hooks.slack.com:8443/x" }, "body.settings.url"],
  ["an address that is not public", { kind: "slack", url: "https://169.254.169.254/x" }, "body.settings.url"],
  ["an IPv6 address of this machine", { kind: "slack", url: "https://[::1]/x" }, "body.settings.url"],
  ["a password in the URL", { kind: "slack", url: "https://a:b@hooks.slack.com/x" }, "body.settings.url"],
  [
    "a mail server at another port",
    { kind: "email", smtp: "smtp://mail.example.com:22", from: "a@b.test", to: ["c@d.test"] },
    "body.settings.smtp",
  ],
  ["no kind", { url: "https://hooks.slack.com/x" }, "body.settings.kind"],
])("400 for a channel with %s", async (_what, settings, field) => {
  const { status, json } = await ask(admin, "POST", "/alert-channels", { settings });
  expect([status, json.errors]).toMatchObject([400, [{ field }]]);
});

test("201 for a server of the operator's own network that ALERT_HOSTS names", async () => {
  const settings = { kind: "slack", url: "https://10.0.0.7:8443/x" };
  expect((await ask(admin, "POST", "/alert-channels", { settings })).status).toBe(201);
});

test("400 for settings of another kind than the channel's", async () => {
  const { json } = await ask(admin, "POST", "/alert-channels", { settings: SLACK });
  const settings = { kind: "webhook", url: "https://hooks.example.com/alarms" };
  const changed = await ask(admin, "PATCH", `/alert-channels/${json.id}`, { settings });
  expect(changed.json).toMatchObject({ status: 400, errors: [{ field: "body.settings.kind" }] });
});

test("the operator has own channels; the log is one of them and cannot be removed", async () => {
  const theirs = (await ask(admin, "POST", "/alert-channels", { settings: SLACK })).json;
  const own = await ask(operator, "POST", "/installation/alert-channels", { settings: SLACK });
  expect(own.json).toMatchObject({ organization_id: null });
  const channels = await listed(operator, "/installation/alert-channels");
  expect(channels.map(({ kind }) => kind)).toEqual(["log", "slack"]);
  const [log] = channels;
  expect((await ask(operator, "DELETE", `/installation/alert-channels/${log?.id}`)).status).toBe(409);
  expect((await ask(operator, "POST", `/installation/alert-channels/${log?.id}/test`)).status).toBe(202);
  expect((await ask(operator, "DELETE", `/installation/alert-channels/${theirs.id}`)).status).toBe(404);
  expect((await ask(admin, "DELETE", `/alert-channels/${own.json.id}`)).status).toBe(404);
});

test("the operator reads what was changed of the installation, and nobody else does", async () => {
  await settle(Date.now(), overdue(ledger.orgId), silentWorker);
  const [theirs] = await listed(admin, "/alarms");
  const worker = (await listed(operator, "/installation/alarms")).find(({ id }) => id !== theirs?.id);
  await ask(admin, "POST", `/alarms/${theirs?.id}/acknowledge`);
  await ask(operator, "POST", `/installation/alarms/${worker?.id}/acknowledge`);
  await ask(operator, "POST", `/installation/alarms/${worker?.id}/mute`, { for_hours: 1 });
  const { json } = await ask(operator, "GET", "/installation/audit?limit=1");
  expect(json.data).toMatchObject([
    { actor: { kind: "operator" }, action: "alarm.muted", object: { kind: "alarm", id: worker?.id } },
  ]);
  const rest = await ask(
    operator,
    "GET",
    `/installation/audit?cursor=${encodeURIComponent(String(json.next_cursor))}`,
  );
  expect(rest.json).toMatchObject({ data: [{ action: "alarm.acknowledged" }], next_cursor: null });
  expect((await ask(admin, "GET", "/installation/audit")).status).toBe(403);
});

test("404 for an unknown id, one of another organization and one of another form, without any change", async () => {
  await settle(Date.now(), overdue(neighbour), silentWorker);
  const others = (await listed(operator, "/installation/alarms")).map(({ id }) => id);
  expect(others.length).toBe(2);
  for (const id of [...others, NOBODYS, "x"]) {
    for (const [method, action, body] of [
      ["POST", "acknowledge", undefined],
      ["POST", "mute", { for_hours: 1 }],
      ["DELETE", "mute", undefined],
    ] as const) {
      expect([id, (await ask(admin, method, `/alarms/${id}/${action}`, body)).status]).toEqual([id, 404]);
    }
    for (const method of ["PATCH", "DELETE"] as const) {
      expect((await ask(admin, method, `/alert-channels/${id}`, {})).status).toBe(404);
    }
  }
  expect(await audited()).toEqual([]);
  const rows = await ledger.sql`select acknowledged_by, muted_until from alarms`;
  expect(rows).toEqual(Array(2).fill({ acknowledged_by: null, muted_until: null }));
});
