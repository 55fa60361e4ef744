import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ASSISTANT, send } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { makeLink } from "@call-ledger/api/testing/people";
import type { RunningApi } from "@call-ledger/api/testing/running-api";
import { SECRET, startApi, untilReady } from "@call-ledger/api/testing/running-api";
import { loadConfig } from "@call-ledger/config";
import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import { workerSession } from "@call-ledger/db/jobs";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { callOps, documentOf, runOps } from "@call-ledger/ops/testing/run-ops";
import { signVapi } from "@call-ledger/providers/testing/vapi";
import type { SimulatedCall } from "@call-ledger/simulator";
import { simulateCall } from "@call-ledger/simulator";
import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import type { Certificate } from "@call-ledger/testkit/http";
import { selfSigned } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import type { FakeVapi } from "@call-ledger/testkit/vapi";
import { fakeVapi, snapshotsOf } from "@call-ledger/testkit/vapi";
import { describeWith } from "@call-ledger/testkit/vitest";
import { evaluateAlarms } from "@call-ledger/worker/alerts";
import { reconcileNow, reconciliationPorts } from "@call-ledger/worker/start";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { launch, openTab } from "../console/browser.ts";

/*
 * A night in which nobody reacts. From 02:00 on the messages of one of two assistants are signed with a wrong secret.
 * From 03:00 to 03:30 the database is away. From 04:00 on the provider sends nothing, because it has switched the URL
 * off. Each assistant has a call every ten minutes, one five minutes after the other, and the provider has them all.
 * The clock is simulated, and the night is yesterday's. The api decides the minute in which it counts a delivery, so
 * its clock is the simulated one. Alarms are checked, and calls compared, every ten minutes of that clock. The first
 * comparison is at 01:30: the calls of earlier weeks are invented, and a list that has no known call at all counts as
 * that of another customer.
 */

/** The assistant whose secret drifts. */
const DRIFTED = "9c1d3c53-5e0b-4a3e-8f43-1f2f4f0e7a10";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIDNIGHT = Math.floor(Date.now() / DAY) * DAY - DAY;
const at = (hour: number, minute = 0) => MIDNIGHT + hour * HOUR + minute * MINUTE;
const clock = (moment: number) => new Date(moment).toISOString().slice(11, 16);

let ledger: TestLedger;
let proxy: TcpProxy;
let api: RunningApi;
let pool: Pool;
let vapi: FakeVapi;
let certificate: Certificate;
let folder: string;

beforeAll(async () => {
  // The certificate is valid by the real clock, which the commands use.
  certificate = selfSigned("localhost");
  vi.useFakeTimers({ toFake: ["Date"], now: at(1) });
  ledger = await testLedger();
  await ledger.addAgent();
  await ledger.sql`insert into agents (org_id, provider_account_id, provider_agent_id)
    values (${ledger.orgId}, ${PLATFORM_ACCOUNT}, ${DRIFTED})`;
  await ledger.sql`update agents set created_at = now() - interval '60 days'`;
  // Every night of the five weeks before also had a call every ten minutes.
  await ledger.sql`
    insert into calls (org_id, id, provider, provider_account_id, provider_call_id, created_at)
    select ${ledger.orgId}, gen_random_uuid(), 'vapi', ${PLATFORM_ACCOUNT}, 'c' || week || '-' || n,
      ${new Date(MIDNIGHT)}::timestamptz - week * interval '7 days' + n * interval '10 minutes'
    from generate_series(1, 5) week, generate_series(-6, 60) n`;
  // The test checks alarms itself, at the times of the simulated clock.
  await ledger.sql`insert into housekeeping_runs (name, every_seconds, next_run_at)
    values ('alarms', 30, now() + interval '1 year')`;
  proxy = await tcpProxy(ledger.database.appUrl);
  api = await startApi(proxy.url, { WORKER: "off", CONSOLE_PATH: inject("programs").console });
  await untilReady(api);
  pool = openPool(proxy.url, { max: 2, name: "night worker" });
  vapi = await fakeVapi({ certificate, apiKey: "private" });
  folder = mkdtempSync(join(tmpdir(), "morning-"));
  writeFileSync(join(folder, "ca.pem"), certificate.cert);
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await vapi.stop();
  await api.stop();
  await pool.close(1_000);
  await proxy.stop();
  await ledger.drop();
  vi.useRealTimers();
});

/** Sends the deliveries of a call at the same time. Returns the statuses of the answers. */
function deliver(call: SimulatedCall, secret: string): Promise<number[]> {
  return Promise.all(
    call.deliveries.map(async ({ body }) => {
      const bytes = Buffer.from(body);
      const headers = { "content-type": "application/json", ...signVapi(bytes, secret, Date.now()) };
      return (await send(api.url, { method: "POST", headers, body: bytes })).status;
    }),
  );
}

type Counts = { accepted: number; refused: number; failing: number };

async function countsOf(): Promise<Counts> {
  const [row] = await ledger.sql<Counts[]>`
    select coalesce(sum(accepted), 0)::int as accepted, coalesce(sum(refused), 0)::int as refused,
      coalesce(sum(failing), 0)::int as failing from delivery_counts`;
  return row ?? { accepted: 0, refused: 0, failing: 0 };
}

/** Runs the worker's check of alarms, which is not possible while the database is away. */
async function look(): Promise<void> {
  await evaluateAlarms({
    session: workerSession(pool, 2_000),
    databaseLimitMb: 10_000,
    isPausedWhenIdle: false,
    now: Date.now,
  });
}

const ofVapi = () => ({
  VAPI_API_KEY: "private",
  VAPI_API_URL: vapi.url,
  RECORDING_TEST_HOSTS: vapi.testHost,
});

/** Runs the worker's comparison with the provider once. */
async function compare(): Promise<void> {
  const loaded = loadConfig({ DATABASE_URL: proxy.url, ...ofVapi() });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const ports = reconciliationPorts({
    config: loaded.config,
    pool,
    session: workerSession(pool, 5_000),
    ca: certificate.cert,
    leaseSeconds: 60,
    onEnd: () => undefined,
    onError(error) {
      throw error;
    },
  });
  const { signal } = new AbortController();
  const run = await reconcileNow(PLATFORM_ACCOUNT, ports, {
    created: null,
    onProgress: () => undefined,
    signal,
  });
  expect(run, clock(Date.now())).toMatchObject({ error: null, tally: { missing: 0 } });
}

test("each fault of the night is counted and opens its alarm", async () => {
  const sent: Counts = { accepted: 0, refused: 0, failing: 0 };
  for (let moment = at(1); moment <= at(8); moment += 10 * MINUTE) {
    vi.setSystemTime(moment);
    if (moment === at(3)) await proxy.set("refuse");
    if (moment === at(3, 30)) await proxy.set("pass");
    const isAway = moment >= at(3) && moment < at(3, 30);
    for (const assistantId of [ASSISTANT, DRIFTED]) {
      const startedAt = assistantId === DRIFTED ? moment + 5 * MINUTE : moment;
      vi.setSystemTime(startedAt);
      const call = simulateCall({ seed: `${assistantId} ${moment}`, assistantId, startedAt, turns: 2 });
      if (moment < at(8)) vapi.keep(call.callId, snapshotsOf(call));
      if (moment >= at(4)) continue;
      const hasDrifted = assistantId === DRIFTED && moment >= at(2);
      for (const status of await deliver(call, hasDrifted ? "another-secret-0123456789" : SECRET)) {
        expect(status, clock(moment)).toBe(hasDrifted ? 401 : isAway ? 503 : 200);
        sent[hasDrifted ? "refused" : isAway ? "failing" : "accepted"] += 1;
      }
    }
    // The counts are written every few seconds, which are ten minutes here.
    if (moment < at(4) && !isAway && (moment % (20 * MINUTE) === 0 || moment === at(3, 30))) {
      await until(
        async () => JSON.stringify(await countsOf()) === JSON.stringify(sent),
        `all is counted at ${clock(moment)}`,
      );
    }
    if (!isAway && moment >= at(1, 30)) await compare();
    if (!isAway) await look();
  }
  // The last calls were left to their own deliveries.
  vi.setSystemTime(at(8, 10));
  await compare();
}, 180_000);

test("in the morning one command shows the events of the night", async () => {
  const told = documentOf(
    await callOps(["alerts", "list", "--json"], { DATABASE_URL: ledger.database.ownerUrl }),
  );
  type Told = {
    condition: string;
    opened_at: string;
    closed_at: string | null;
    summary: string;
    scope: string;
  };
  const byCondition = Object.fromEntries(told.map((alarm: Told) => [alarm.condition, alarm]));
  expect(Object.keys(byCondition).sort()).toEqual([
    "calls_repaired",
    "deliveries_failing",
    "no_deliveries",
    "signatures_refused",
  ]);
  expect(told).toHaveLength(4);
  expect(byCondition.calls_repaired.scope).toBe(`organization:${ledger.orgId}`);
  expect(byCondition.calls_repaired.closed_at).toBeNull();
  const { signatures_refused: drift, deliveries_failing: outage, no_deliveries: silence } = byCondition;
  expect(drift.scope).toBe(`account:${PLATFORM_ACCOUNT}`);
  expect(clock(Date.parse(drift.opened_at))).toBe("02:05");
  expect(drift.closed_at).toBeNull();
  expect(clock(Date.parse(outage.opened_at))).toBe("03:35");
  expect(clock(Date.parse(outage.closed_at))).toMatch(/^04:/);
  expect(Date.parse(silence.opened_at)).toBeGreaterThan(at(4));
  expect(Date.parse(silence.opened_at)).toBeLessThanOrEqual(at(5, 10));
  expect(silence.closed_at).toBeNull();
  expect(silence.summary).toContain("No delivery for 4 hours");

  const logged = (words: string) => api.lines.filter((line) => line.includes(words)).length;
  await until(
    () => logged("Alarm closed") === 1 && logged("Alarm opened") === 4,
    "the log has each alarm and the end of the outage",
  );
}, 180_000);

/** The calls of the night, and those whose deliveries were all refused, failed or not sent. */
const OF_THE_NIGHT = 2 * 42;
const LOST = 3 + 24 + 36;

test("the calls were repaired in the night, and a command by hand finds nothing more", async () => {
  const { code, stdout, stderr } = await runOps(["reconcile"], {
    DATABASE_URL: ledger.database.ownerUrl,
    ...ofVapi(),
    NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
  });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.trimEnd().split("\n").at(-1)).toMatch(
    /^1 of 1 accounts compared; \d+ calls listed; 0 repaired, 0 of them not in the ledger before; none missing;/,
  );
});

test("then one command shows the faults, and that no call is missing", async () => {
  const told = documentOf(
    await callOps(["calls", "completeness", "--json"], { DATABASE_URL: ledger.database.ownerUrl }),
  );
  const day = new Date(MIDNIGHT).toISOString().slice(0, 10);
  expect(told.accounts[0].days.find((one: { day: string }) => one.day === day)).toMatchObject({
    ours: OF_THE_NIGHT,
    provider_calls: OF_THE_NIGHT,
    repaired: { call: LOST },
    missing: {},
    gone: 0,
  });
  expect(told.alarms.map(({ condition }: { condition: string }) => condition).sort()).toEqual([
    "calls_repaired",
    "deliveries_failing",
    "no_deliveries",
    "signatures_refused",
  ]);
});

describeWith("chromium", "the console in the morning", (chromium) => {
  test("one page shows the same", async () => {
    const browser = await launch(chromium);
    const { page, errors } = await openTab(browser);
    try {
      await page.goto(`${api.url}/sign-in#${await makeLink(ledger, null)}`);
      await page.getByRole("link", { name: "Completeness" }).click();
      const rowsOf = async (table: string) => {
        const rows = page.getByRole("table", { name: table }).getByRole("row");
        await rows.nth(1).waitFor();
        return Promise.all((await rows.all()).slice(1).map((row) => row.getByRole("cell").allInnerTexts()));
      };
      const withCalls = (await rowsOf("Completeness")).filter(([, theirs]) => Number(theirs) > 0);
      const listed = String(OF_THE_NIGHT);
      expect(withCalls.map(([, ...night]) => night)).toEqual([
        [listed, listed, "0", `${LOST} missing altogether`, "", "", "Complete"],
      ]);
      const alarms = await rowsOf("Latest alarms");
      expect(alarms.map(([name]) => name?.split("\n")[0]).sort()).toEqual([
        "Deliveries are refused",
        "Deliveries fail",
        "Deliveries of calls are missing",
        "No deliveries",
      ]);
      expect(errors).toEqual([]);
    } finally {
      await browser.close();
    }
  }, 60_000);
});
