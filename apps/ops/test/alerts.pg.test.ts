import { randomBytes, randomUUID } from "node:crypto";
import { secretBox } from "@call-ledger/credentials";
import type { TestDatabase } from "@call-ledger/db/testing";
import { testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { callOps, documentOf } from "./harness/run-ops.ts";

const ENCRYPTION_KEY = randomBytes(32).toString("base64");
const URL_OF_SLACK = "https://hooks.slack.example/services/T000/B000/XXXX";

let db: TestDatabase;
let owner: postgres.Sql;
let org: string;

beforeAll(async () => {
  db = await testDatabase();
  owner = postgres(db.ownerUrl, { max: 1 });
  const [row] = await owner`insert into organizations (name) values ('Northgate') returning id`;
  org = row?.id;
});

afterAll(async () => {
  await owner.end();
  await db.drop();
});

beforeEach(async () => {
  await owner`delete from alert_channels where kind <> 'log'`;
  await owner`delete from alarms`;
});

const ops = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  callOps(["alerts", ...args], { DATABASE_URL: db.ownerUrl, ENCRYPTION_KEY, ...env });
const opsJson = async (...args: string[]) => documentOf(await ops([...args, "--json"]));

async function openAlarm(scope = "installation", more: Record<string, unknown> = {}): Promise<string> {
  const id = randomUUID();
  const row = {
    id,
    condition: "worker_silent",
    scope,
    opened_at: new Date(),
    last_seen_at: new Date(),
    ...more,
  };
  await owner`insert into alarms ${owner({ ...row, figures: owner.json({ seconds: 300 }) })}`;
  return id;
}

test("a channel's address is stored encrypted and never shown", async () => {
  const added = await ops(
    ["add", "--kind", "slack", "--url", "env:SLACK_URL", "--name", "ops room", "--json"],
    {
      SLACK_URL: URL_OF_SLACK,
    },
  );
  const { id } = documentOf(added);
  const [row] = await owner`select * from alert_channels where id = ${id}`;
  expect(row).toMatchObject({ kind: "slack", name: "ops room", host: "hooks.slack.example", org_id: null });
  const opened = secretBox(ENCRYPTION_KEY).open(row?.settings, { channelId: id, use: "alert channel" });
  expect(JSON.parse(opened)).toEqual({ kind: "slack", url: URL_OF_SLACK });
  expect(() =>
    secretBox(ENCRYPTION_KEY).open(row?.settings, { channelId: randomUUID(), use: "alert channel" }),
  ).toThrow();
  const listed = await ops(["channels", "--json"]);
  expect(listed.stdout).not.toContain("T000");
  expect(documentOf(listed).map((channel: { kind: string }) => channel.kind)).toEqual(["log", "slack"]);
});

test("the audit has who added a channel and who removed it, without its address", async () => {
  const url = ["--kind", "slack", "--url", URL_OF_SLACK, "--org", org, "--name", "desk"];
  const { id } = await opsJson("add", ...url);
  expect((await ops(["remove", id])).code).toBe(0);
  const entries = await owner`select org_id, actor_kind, action, coalesce(after, before) as facts
    from audit_entries where object_id = ${id} order by at, id`;
  const facts = { kind: "slack", name: "desk", host: "hooks.slack.example" };
  const common = { org_id: org, actor_kind: "operator", facts };
  expect(entries.map((entry) => ({ ...entry }))).toEqual([
    { ...common, action: "alert_channel.created" },
    { ...common, action: "alert_channel.removed" },
  ]);
});

test("a webhook gets a secret that is printed once", async () => {
  const made = await opsJson(
    "add",
    "--kind",
    "webhook",
    "--url",
    "https://hooks.example.com/a",
    "--org",
    org,
  );
  expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/=]{44}$/);
  const given = await opsJson(
    "add",
    "--kind",
    "webhook",
    "--url",
    "https://hooks.example.com/a",
    "--secret",
    made.secret,
  );
  expect(given).not.toHaveProperty("secret");
});

test.each([
  [["--kind", "slack"], "--url is missing, or does not have the form in the help."],
  [["--kind", "slack", "--url", "http://hooks.example.com"], "--url is missing, or does not have the form"],
  [["--kind", "slack", "--url", "https://a.example", "--to", "a@example.com"], "--to is no option of slack."],
  [
    ["--kind", "webhook", "--url", "https://127.0.0.1/"],
    "has an address that is not public. To use a server",
  ],
  [["--kind", "email", "--smtp", "smtp://mail.example.com", "--from", "me"], "--to is missing"],
  [
    ["--kind", "webhook", "--url", "https://a.example", "--secret", "short"],
    "--secret is missing, or does not have the form",
  ],
  [["--kind", "slack", "--url", "https://a.example", "--org", randomUUID()], "There is no such organization"],
])("%j is refused", async (args, says) => {
  const { code, stderr } = await ops(["add", ...args]);
  expect(code).not.toBe(0);
  expect(stderr).toContain(says);
});

test("without ENCRYPTION_KEY no channel is stored", async () => {
  const { code, stderr } = await callOps(["alerts", "add", "--kind", "slack", "--url", URL_OF_SLACK], {
    DATABASE_URL: db.ownerUrl,
  });
  expect([code, stderr]).toEqual([3, expect.stringContaining("openssl rand -base64 32")]);
});

test("alarms are listed with sentences, acknowledged once, and muted", async () => {
  const open = await openAlarm();
  await openAlarm(`account:${randomUUID()}`, { closed_at: new Date(Date.now() - 3_600_000) });
  await openAlarm(`account:${randomUUID()}`, { closed_at: new Date(Date.now() - 48 * 3_600_000) });
  const human = await ops(["list"]);
  expect(human.stdout).toContain("No worker has sent a heartbeat for 5 minutes.");
  expect(human.stdout).toContain("docs/runbooks/worker-silent.md");
  expect(await opsJson("list")).toHaveLength(2);
  expect(await opsJson("list", "--since", "72h")).toHaveLength(3);

  expect((await ops(["ack", open, "--by", "Dana"])).code).toBe(0);
  expect((await ops(["ack", open, "--by", "Kim"])).code).toBe(0);
  expect((await opsJson("list"))[0]).toMatchObject({ id: open, acknowledged_by: "Dana" });
  expect((await ops(["ack", randomUUID()])).code).toBe(1);

  const { muted_until: until } = await opsJson("mute", open, "--for", "2h");
  expect(Date.parse(until) - Date.now()).toBeGreaterThan(7_100_000);
  expect((await opsJson("list"))[0]).toMatchObject({ muted_until: until });
  await ops(["mute", open, "--off"]);
  expect((await opsJson("list"))[0]).toMatchObject({ muted_until: null });
  const audit =
    await owner`select action, after ->> 'condition' as about from audit_entries where object_id = ${open}
      order by at, id`;
  expect(audit.map(({ action, about }) => [action, about])).toEqual(
    ["alarm.acknowledged", "alarm.muted", "alarm.unmuted"].map((action) => [action, "worker_silent"]),
  );
  expect((await ops(["mute", randomUUID()])).code).toBe(1);
});

test("a test message that no worker sends and a missing channel are reported", async () => {
  const { code, stdout } = await ops(["test", "--wait", "300ms"]);
  expect([code, stdout]).toEqual([1, expect.stringContaining("no worker has sent it yet")]);
  expect((await ops(["test", randomUUID()])).code).toBe(1);
  const [log] = await opsJson("channels");
  expect((await ops(["remove", log.id])).code).toBe(1);
});
