import { PLATFORM_ACCOUNT, rowsOf } from "@call-ledger/db/testing";
import type { SimulatedCall } from "@call-ledger/simulator";
import { snapshotsOf } from "@call-ledger/testkit/vapi";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { completed, expectedFacts, factsIn, isEnd, isReport, notesIn } from "./harness/call-facts.ts";
import type { ReconciledLedger } from "./harness/reconciled-ledger.ts";
import { DAY, MINUTE, reconciledLedger } from "./harness/reconciled-ledger.ts";

let ledger: ReconciledLedger;

beforeEach(async () => {
  ledger = await reconciledLedger();
});
afterEach(() => ledger.drop());

const storedFacts = (call: SimulatedCall) => factsIn(ledger, call);
const notesOf = (call: SimulatedCall) => notesIn(ledger, call);

describe("lost deliveries are booked from the provider", () => {
  test.each([
    ["call", () => false],
    ["report", (one: { type: string }) => !isReport(one)],
    ["end", (one: { type: string; detail: string | null }) => !isEnd(one)],
  ] as const)("the %s", async (lacked, arrives) => {
    const call = ledger.call(completed);
    await ledger.deliver(call, arrives);
    const { tally, error } = await ledger.reconcile();
    expect([error, tally.repaired, tally.missing]).toEqual([null, 1, 0]);
    expect(await storedFacts(call)).toEqual(expectedFacts(call));
    expect(await notesOf(call)).toEqual({ orgId: ledger.orgId, lacked, missing: null, hasEnded: true });
    const again = await ledger.reconcile();
    expect([again.tally.listed, again.tally.repaired]).toEqual([0, 0]);
  });

  test("a call that nobody answered", async () => {
    const call = ledger.call({ outcome: "no_answer" });
    await ledger.reconcile();
    expect(await storedFacts(call)).toMatchObject({ phase: "ended", outcome: "no_answer", awaits: false });
  });

  test("and the event has its source", async () => {
    const call = ledger.call(completed);
    await ledger.reconcile();
    const events = await ledger.sql`
      select event_type, payload is not null as kept from processed_webhook_events where provider_call_id = ${call.callId}`;
    expect(events).toEqual([{ event_type: "reconciled-call", kept: true }]);
  });
});

test("a complete call is left alone", async () => {
  const call = ledger.call(completed);
  await ledger.deliver(call);
  const before = await rowsOf(ledger.sql, call.callId);
  const { tally } = await ledger.reconcile();
  expect([tally.listed, tally.repaired]).toEqual([1, 0]);
  expect(await rowsOf(ledger.sql, call.callId)).toEqual(before);
  expect(await notesOf(call)).toMatchObject({ lacked: null, missing: null });
});

test("a copy with fewer facts removes none", async () => {
  const call = ledger.call(completed);
  await ledger.deliver(call);
  const before = await rowsOf(ledger.sql, call.callId);
  const [whole] = snapshotsOf(call).slice(-1);
  const poor = { ...whole?.call, artifact: undefined, analysis: {}, cost: 0, status: "in-progress" };
  ledger.vapi.keep(call.callId, [{ at: 0, call: poor }]);
  expect((await ledger.reconcile()).tally).toMatchObject({ listed: 1, repaired: 0, missing: 0 });
  expect(await rowsOf(ledger.sql, call.callId)).toEqual(before);
});

test("facts that the provider computes after the report are booked when they are available", async () => {
  const call = ledger.call(completed);
  await ledger.deliver(call);
  await ledger.reconcile();
  const [whole] = snapshotsOf(call).slice(-1);
  const at = ledger.now();
  const outputs = { late: { name: "mood", result: "glad" } };
  const artifact = {
    ...(whole?.call.artifact as object),
    structuredOutputs: outputs,
    structuredOutputsLastUpdatedAt: new Date(at).toISOString(),
  };
  const changed = { ...whole?.call, artifact, updatedAt: new Date(at).toISOString() };
  ledger.vapi.keep(call.callId, [...snapshotsOf(call), { at, call: changed }]);
  ledger.advance(6 * MINUTE);
  expect((await ledger.reconcile()).tally.repaired).toBe(1);
  const [row] = await ledger.sql`select analysis from call_logs where provider_call_id = ${call.callId}`;
  expect(row?.analysis.structuredOutputs).toMatchObject(outputs);
});

test("a call that changed a moment ago is left to its own deliveries", async () => {
  const call = ledger.call({ ...completed, startedAt: ledger.now() - 3 * MINUTE });
  expect((await ledger.reconcile()).tally.listed).toBe(0);
  const today = { from: ledger.now() - DAY, to: ledger.now() };
  const { tally } = await ledger.reconcile(undefined, today);
  expect(tally).toMatchObject({ listed: 1, unsettled: 1, repaired: 0 });
  expect(await storedFacts(call)).toBeNull();
  ledger.advance(60 * MINUTE);
  expect((await ledger.reconcile()).tally.repaired).toBe(1);
});

test("a call that the list shows late is not skipped", async () => {
  await ledger.drop();
  ledger = await reconciledLedger({ lagMs: () => 90_000 });
  const call = ledger.call({ outcome: "no_answer", startedAt: ledger.now() });
  for (let minute = 0; minute < 20; minute += 1) {
    ledger.advance(MINUTE);
    await ledger.reconcile();
  }
  expect(await storedFacts(call)).toMatchObject({ outcome: "no_answer" });
});

test("a call that the list shows hours late is found on the next day", async () => {
  const call = ledger.call(completed);
  ledger.vapi.distortList(() => ({ body: [] }));
  await ledger.reconcile();
  ledger.advance(5 * 60 * MINUTE);
  await ledger.reconcile();
  ledger.vapi.distortList(() => ({}));
  ledger.advance(DAY);
  expect((await ledger.reconcile()).tally).toMatchObject({ listed: 1, repaired: 1 });
  expect(await storedFacts(call)).toEqual(expectedFacts(call));
});

test.each([-3, 3])("a provider whose clock is %i minutes ahead hides no call", async (minutes) => {
  await ledger.drop();
  ledger = await reconciledLedger({ lagMs: () => 90_000 });
  const [apart, startedAt] = [minutes * MINUTE, ledger.now()];
  const call = ledger.call({ outcome: "no_answer", startedAt: startedAt + apart });
  // Its times are those of the provider's clock, and it is shown when it happens.
  ledger.vapi.keep(
    call.callId,
    snapshotsOf(call).map(({ at, ...snapshot }) => ({ ...snapshot, at: at - apart })),
  );
  for (let minute = 0; minute < 16; minute += 1) {
    ledger.advance(MINUTE);
    await ledger.reconcile();
  }
  expect(await storedFacts(call)).toMatchObject({ outcome: "no_answer" });
});

test("a call in progress is booked with its current phase", async () => {
  const call = ledger.call({ ...completed, startedAt: ledger.now() - 60 * MINUTE });
  const running = snapshotsOf(call).filter(({ call: { status } }) => status !== "ended");
  ledger.vapi.keep(call.callId, running);
  await ledger.reconcile();
  expect(await storedFacts(call)).toMatchObject({ phase: "in_progress", outcome: null });
  expect(await notesOf(call)).toMatchObject({ lacked: "call", missing: null, hasEnded: false });
});

describe("calls that cannot be booked", () => {
  test("an agent of no organization is reported, and its call is booked when it is registered", async () => {
    const call = ledger.call({ ...completed, assistantId: "nobodys" });
    expect((await ledger.reconcile()).tally).toMatchObject({ repaired: 0, missing: 1, unknown_agent: 1 });
    expect(await notesOf(call)).toMatchObject({ orgId: null, missing: "unknown_agent" });
    const [waiting] = await ledger.sql`select count(*)::int as n from quarantined_deliveries`;
    expect(waiting?.n).toBe(0);
    await ledger.sql`insert into agents (org_id, provider_account_id, provider_agent_id)
      values (${ledger.orgId}, ${PLATFORM_ACCOUNT}, 'nobodys')`;
    expect((await ledger.reconcile()).tally).toMatchObject({ asked: 1, repaired: 1 });
    expect(await storedFacts(call)).toEqual(expectedFacts(call));
    expect(await notesOf(call)).toMatchObject({ orgId: ledger.orgId, lacked: "call", missing: null });
  });

  test("a call in a state that nobody knows is missing until it is in a known one", async () => {
    const call = ledger.call(completed);
    const [queued] = snapshotsOf(call);
    if (queued === undefined) throw new Error("no snapshot");
    ledger.vapi.keep(call.callId, [{ ...queued, call: { ...queued.call, status: "deferred" } }]);
    expect((await ledger.reconcile()).tally).toMatchObject({ listed: 1, repaired: 0, missing: 1 });
    expect(await notesOf(call)).toMatchObject({ lacked: null, missing: "not_booked" });
  });

  test("a call from before its agent's registration may belong to the last owner", async () => {
    const call = ledger.call({ ...completed, assistantId: "passed on", startedAt: ledger.now() - 3 * DAY });
    await ledger.sql`insert into agents (org_id, provider_account_id, provider_agent_id)
      values (${ledger.orgId}, ${PLATFORM_ACCOUNT}, 'passed on')`;
    await ledger.reconcile();
    expect(await storedFacts(call)).toBeNull();
    expect(await notesOf(call)).toMatchObject({ missing: "organization_conflict" });
  });
});

test("the rate limit of the API is respected", async () => {
  await ledger.drop();
  ledger = await reconciledLedger({ rate: { requests: 4, perMs: 1_000 } });
  for (let seed = 0; seed < 150; seed += 1) {
    ledger.call({ outcome: "no_answer", seed, startedAt: ledger.now() - DAY + seed * MINUTE });
  }
  const { tally, error } = await ledger.reconcile();
  expect([error, tally.repaired]).toEqual([null, 150]);
  expect(ledger.vapi.requests.some(({ status }) => status === 429)).toBe(true);
  expect(tally.requests).toBe(ledger.vapi.requests.length);
}, 30_000);

test("a refused key is reported with what to do, and the time of the comparison stays", async () => {
  ledger.call(completed);
  await ledger.reconcile();
  const compared = await ledger.sql`select compared_until from reconciled_accounts`;
  Object.assign(ledger.config, { VAPI_API_KEY: "rotated" });
  const { error } = await ledger.reconcile();
  expect(error).toBe("the provider refuses the API key (HTTP 401): set VAPI_API_KEY");
  const [row] = await ledger.sql`select compared_until, error, lease_token from reconciled_accounts`;
  expect(row).toEqual({ ...compared[0], error, lease_token: null });
});

test("an organization's own account is compared with its own key, and its calls are the organization's", async () => {
  Object.assign(ledger.config, { VAPI_API_KEY: null });
  const accountId = await ledger.addAccount(ledger.orgId, "private");
  const call = ledger.call({ ...completed, assistantId: "any" });
  expect((await ledger.reconcile(accountId)).tally.repaired).toBe(1);
  expect(await storedFacts(call)).toEqual(expectedFacts(call));
  expect(ledger.vapi.requests.every(({ status }) => status === 200)).toBe(true);
});

test("an account is compared by one process at a time", async () => {
  ledger.call(completed);
  const both = await Promise.allSettled([ledger.reconcile(), ledger.reconcile()]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});
