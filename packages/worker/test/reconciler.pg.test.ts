import { randomUUID } from "node:crypto";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { until } from "@call-ledger/testkit/process";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Worker, WorkerConfig } from "../src/start/index.ts";
import { startWorker } from "../src/start/index.ts";
import { completed, expectedFacts, factsIn } from "./harness/call-facts.ts";
import type { ReconciledLedger } from "./harness/reconciled-ledger.ts";
import { reconciledLedger } from "./harness/reconciled-ledger.ts";

let ledger: ReconciledLedger;
let worker: Worker | null = null;

beforeEach(async () => {
  ledger = await reconciledLedger();
});
afterEach(async () => {
  await worker?.stop(2_000);
  worker = null;
  await ledger.drop();
});

function start(config: Partial<WorkerConfig> = {}): void {
  worker = startWorker({
    config: { ...ledger.config, ...config },
    databaseUrl: ledger.database.appUrl,
    log: { info: () => undefined, warn: () => undefined },
    timing: { housekeepingMs: 50, heartbeatMs: 100, alertPollMs: 50 },
    ca: ledger.certificate.cert,
  });
}

test("a worker with an API key compares by itself", async () => {
  const call = ledger.call(completed);
  start();
  await until(async () => (await factsIn(ledger, call)) !== null, "the call is booked");
  expect(await factsIn(ledger, call)).toEqual(expectedFacts(call));
});

test("a worker whose RECONCILE_MINUTES is 0 asks the provider for nothing", async () => {
  ledger.call(completed);
  start({ RECONCILE_MINUTES: 0 });
  await until(
    async () => (await ledger.sql`select from background_heartbeats`).length > 0,
    "the worker lives",
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(ledger.vapi.requests).toEqual([]);
});

test("a worker goes on with the comparison of a killed one when its lease is over", async () => {
  const call = ledger.call(completed);
  const [held] = await ledger.sql`insert into reconciled_accounts
    (provider_account_id, provider, started_at, lease_token, next_run_at)
    values (${PLATFORM_ACCOUNT}, 'vapi', now(), ${randomUUID()}, now() + interval '3 seconds') returning next_run_at`;
  start();
  await until(async () => (await factsIn(ledger, call)) !== null, "the call is booked");
  const [run] = await ledger.sql`select started_at from reconciled_accounts`;
  expect(run?.started_at.getTime()).toBeGreaterThanOrEqual(held?.next_run_at.getTime());
});

test("a worker reads by itself when the certificate of PUBLIC_URL ends", async () => {
  const { host } = new URL(ledger.vapi.url);
  start({ PUBLIC_URL: `https://${host}`, ALERT_HOSTS: [host], RECONCILE_MINUTES: 0 });
  const result = async () => {
    const [run] = await ledger.sql`select result from housekeeping_runs where name = 'certificate'`;
    return run?.result ?? null;
  };
  await until(async () => (await result()) !== null, "the certificate was read");
  expect((await result()).days_left).toEqual(expect.any(Number));
});
