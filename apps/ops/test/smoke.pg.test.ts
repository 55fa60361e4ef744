import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openProbe } from "@call-ledger/db-operator/admin";
import type { Server } from "@call-ledger/testkit/process";
import { until } from "@call-ledger/testkit/process";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BookedLedger } from "./harness/booked-ledger.ts";
import { bookedLedger } from "./harness/booked-ledger.ts";
import { callOps, documentOf, runOps } from "./harness/run-ops.ts";
import { SECRET, startServer, untilHealthy } from "./harness/running-server.ts";
import { HEALTHY, standInServer } from "./harness/stand-in.server.ts";

const HEALTH = { health: () => ({ status: 200, body: HEALTHY }) };
let ledger: BookedLedger;
let server: Server;
let storage: string;

beforeAll(async () => {
  ledger = await bookedLedger();
  storage = mkdtempSync(join(tmpdir(), "smoke-test-"));
  server = await startServer(ledger.database.appUrl, storage);
  await untilHealthy(server);
});
afterAll(async () => {
  await server.kill();
  rmSync(storage, { recursive: true });
  await ledger.drop();
});

const env = () => ({ DATABASE_URL: ledger.database.ownerUrl, VAPI_WEBHOOK_SECRET: SECRET });
type Item = {
  readonly id: string;
  readonly ok: boolean;
  readonly found: string;
  readonly next: string | null;
};

async function smoke(url: string, changed: Readonly<Record<string, string>> = {}) {
  const finished = await callOps(["smoke", url, "--json"], { ...env(), ...changed });
  const document = documentOf(finished);
  const checks: Item[] = document.checks;
  const failed = checks.filter(({ ok }) => !ok);
  return { ...finished, document, checks, failed, failedIds: failed.map(({ id }) => id) };
}

/** Returns every row of the ledger, except those that a running server writes about itself. */
async function content(): Promise<unknown> {
  const owner = postgres(ledger.database.ownerUrl, { max: 1 });
  const tables = await owner`select t::text as name from call_ledger.own_tables() t
    where t not in ('background_heartbeats', 'housekeeping_runs', 'database_sizes', 'account_contacts', 'delivery_counts')
    order by 1`;
  const rows: Record<string, unknown> = {};
  for (const { name } of tables) rows[name] = await owner`select * from ${owner(name)} order by 1, 2`;
  await owner.end();
  return rows;
}

test("a healthy server books the probe once, and no row of it stays", async () => {
  const before = await content();
  const { code, stdout, stderr } = await runOps(["smoke", server.url], env());
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("ok      invalid_signature_refused: 401");
  expect(stdout).toContain("ok      valid_webhook_processed: 3 of 3 applied");
  expect(stdout).toContain("ok      duplicate_webhook_skipped: 3 of 3 duplicate");
  expect(stdout).toContain(
    "ok      probe_booked_once: calls 1, call_tracking 1, call_logs 1, events 3 of 3, phase ended",
  );
  expect(stdout).toMatch(/ok {6}probe_cleaned_up: \d+ rows removed, 0 left/);
  expect(stdout).not.toContain(SECRET);
  expect(await content()).toEqual(before);
});

test("a wrong secret is reported, and the probe is still removed", async () => {
  const before = await content();
  const { code, failed, failedIds, stdout, document } = await smoke(server.url, {
    VAPI_WEBHOOK_SECRET: "another-secret",
  });
  expect([code, failedIds]).toEqual([1, ["valid_webhook_processed"]]);
  expect(document.left_out).toEqual(["duplicate_webhook_skipped", "probe_booked_once"]);
  expect(stdout).not.toContain("books wrongly");
  expect(failed[0]).toMatchObject({
    found: "status-update: 401",
    next: expect.stringContaining("VAPI_WEBHOOK_SECRET"),
  });
  expect(stdout).not.toContain("another-secret");
  expect(await content()).toEqual(before);
  await until(() => server.stdout().includes('"reason":"wrong_proof"'), "the log says why");
});

test("a wrong clock is not reported as a wrong secret", async () => {
  const refusing = await standInServer({ ...HEALTH, date: new Date(Date.now() - 600_000) });
  const { failed } = await smoke(refusing.url);
  refusing.stop();
  expect(failed).toMatchObject([
    {
      id: "valid_webhook_processed",
      next: expect.stringMatching(/^The clock of this machine is (599|60[0-9]) s ahead of the server's/),
    },
  ]);
});

test("a server that accepts only a bearer token gets one", async () => {
  const bearer = await startServer(ledger.database.appUrl, storage, { VAPI_WEBHOOK_AUTH: "bearer" });
  await untilHealthy(bearer);
  const right = await smoke(bearer.url, { VAPI_WEBHOOK_AUTH: "bearer" });
  const wrong = await smoke(bearer.url);
  await bearer.kill();
  expect([right.code, right.failedIds]).toEqual([0, []]);
  expect(wrong.failedIds).toContain("valid_webhook_processed");
});

test("a server on another database does not know the probe", async () => {
  const other = await bookedLedger();
  const { failed } = await smoke(server.url, { DATABASE_URL: other.database.ownerUrl });
  await other.drop();
  expect(failed[0]).toMatchObject({
    id: "valid_webhook_processed",
    found: "status-update: 202 quarantined",
    next: expect.stringContaining("another database"),
  });
  await ledger.breakWith("delete from quarantined_deliveries; delete from call_routes where org_id is null");
});

test("a server that answers applied every time and books nothing fails", async () => {
  const answer = () => ({ status: 200, body: { received: true, outcome: "applied" } });
  const liar = await standInServer({ ...HEALTH, webhook: answer });
  const { code, failedIds } = await smoke(liar.url);
  liar.stop();
  expect(code).toBe(1);
  expect(failedIds).toEqual(["invalid_signature_refused", "duplicate_webhook_skipped", "probe_booked_once"]);
});

test("rows of a killed run are removed first; during another run it does nothing", async () => {
  const before = await content();
  const killed = openProbe(ledger.database.ownerUrl, "vapi");
  expect(await killed.reserve()).toBe(true);
  await killed.prepare();
  const beside = await smoke(server.url);
  expect([beside.code, beside.failed[0]?.id, beside.failed[0]?.found]).toEqual([
    1,
    "probe_prepared",
    "another smoke runs on this database",
  ]);
  await killed.close();
  const { checks, code } = await smoke(server.url);
  expect([code, checks.find(({ id }) => id === "probe_prepared")?.found]).toEqual([
    0,
    "organization and agent made, after removing 2 rows of an interrupted run",
  ]);
  expect(await content()).toEqual(before);
});

test("an unreachable server is exit code 3, and no probe is made", async () => {
  const { code, checks } = await smoke("http://127.0.0.1:1");
  expect([code, checks.length]).toEqual([3, 1]);
  const away = await smoke(server.url, { DATABASE_URL: "postgres://o:p@127.0.0.1:1/ledger" });
  expect([away.code, away.failed[0]?.found]).toEqual([3, expect.stringContaining("cannot be reached")]);
  expect((await callOps(["smoke"], env())).code).toBe(2);
  expect((await callOps(["smoke", server.url], { ...env(), DATABASE_URL: "" })).code).toBe(3);
  expect((await callOps(["smoke", server.url], { ...env(), VAPI_WEBHOOK_SECRET: "" })).code).toBe(2);
});
