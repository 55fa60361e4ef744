import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
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

describe("calls that are overdue", () => {
  const markOverdue = ({ callId }: SimulatedCall, mark: string) =>
    ledger.sql`update calls set attention = array[${mark}] where provider_call_id = ${callId}`;

  test("are requested by their ids if no list has them", async () => {
    const call = ledger.call(completed);
    await ledger.deliver(call, (one) => !isEnd(one));
    await markOverdue(call, "stuck");
    await ledger.sql`insert into reconciled_accounts (provider_account_id, provider, compared_until)
      values (${PLATFORM_ACCOUNT}, 'vapi', ${new Date(ledger.now())})`;
    expect((await ledger.reconcile()).tally).toMatchObject({ listed: 0, asked: 1, repaired: 1 });
    expect(await storedFacts(call)).toEqual(expectedFacts(call));
    expect((await ledger.reconcile()).tally.asked).toBe(0);
  });

  test.each([
    ["deleted", 60 * MINUTE, 14],
    ["beyond the retention", 15 * DAY, 14],
    ["beyond the shorter retention of the account's plan", 8 * DAY, 7],
  ])("and %s at the provider are marked as gone, and never requested again", async (why, age, keptDays) => {
    if (keptDays < 14) {
      await ledger.drop();
      ledger = await reconciledLedger({ retentionMs: keptDays * DAY });
    }
    const call = ledger.call({ ...completed, startedAt: ledger.now() - age });
    await ledger.deliver(call, (one) => !isReport(one));
    await ledger.sql`update calls set created_at = ${new Date(ledger.now() - age)}`;
    await markOverdue(call, "missing_report");
    if (why === "deleted") ledger.vapi.forget(call.callId);
    expect((await ledger.reconcile()).tally).toMatchObject({ asked: 1, gone: 1 });
    expect(await notesOf(call)).toMatchObject({ orgId: ledger.orgId, missing: "gone" });
    ledger.advance(3 * DAY);
    expect((await ledger.reconcile()).tally.asked).toBe(0);
  });

  /** Two overdue calls that no list has, the older one first. */
  async function twoOverdue(): Promise<[SimulatedCall, SimulatedCall]> {
    const calls = [10, 5].map((minutes) =>
      ledger.call({ ...completed, startedAt: ledger.now() - minutes * MINUTE }),
    ) as [SimulatedCall, SimulatedCall];
    for (const call of calls) {
      await ledger.deliver(call, (one) => !isEnd(one));
      await markOverdue(call, "stuck");
    }
    await ledger.sql`insert into reconciled_accounts (provider_account_id, provider, compared_until)
      values (${PLATFORM_ACCOUNT}, 'vapi', ${new Date(ledger.now())})`;
    return calls;
  }

  test.each([
    ["cannot be read", { createdAt: null }],
    ["is another call", { id: "another call" }],
  ])("and are requested after another one whose answer %s", async (_answer, wrong) => {
    const [older, newer] = await twoOverdue();
    const answers = snapshotsOf(newer).map(({ at, call }) => ({ at, call: { ...call, ...wrong } }));
    ledger.vapi.keep(newer.callId, answers);
    expect((await ledger.reconcile()).error).toBe("the API's answer is not the call that was requested");
    expect(await storedFacts(older)).toEqual(expectedFacts(older));
    expect(await notesOf(newer)).toMatchObject({ missing: "not_booked" });
    expect(await ledger.reconcile()).toMatchObject({ error: null, tally: { asked: 0 } });
  });

  test("and for which the API fails wait, so that the next run requests the others", async () => {
    const [older, newer] = await twoOverdue();
    ledger.vapi.failFor(newer.callId);
    expect((await ledger.reconcile()).error).toBe("the API answered HTTP 503");
    expect(await storedFacts(older)).not.toEqual(expectedFacts(older));
    expect(await ledger.reconcile()).toMatchObject({ error: null, tally: { asked: 1, repaired: 1 } });
    expect(await storedFacts(older)).toEqual(expectedFacts(older));
    expect(await notesOf(newer)).toMatchObject({ missing: "not_booked" });
  });

  test("from before the provider's retention are gone without a request, because a ledger may have many", async () => {
    const call = ledger.call({ ...completed, startedAt: ledger.now() - 15 * DAY });
    await ledger.deliver(call, (one) => !isReport(one));
    await ledger.sql`update calls set created_at = started_at`;
    await markOverdue(call, "missing_report");
    expect((await ledger.reconcile()).tally).toMatchObject({ asked: 1, gone: 1 });
    expect(ledger.vapi.requests.filter(({ path }) => path.startsWith("/call/"))).toEqual([]);
  });

  test("and that changed a moment ago are left to their own deliveries", async () => {
    const call = ledger.call({ ...completed, startedAt: ledger.now() - 4 * MINUTE });
    await ledger.deliver(call, (one) => !isEnd(one));
    await markOverdue(call, "stuck");
    const [whole] = snapshotsOf(call).slice(-1);
    const updatedAt = new Date(ledger.now() - MINUTE).toISOString();
    ledger.vapi.keep(call.callId, [{ at: 0, call: { ...whole?.call, updatedAt } }]);
    expect((await ledger.reconcile()).tally).toMatchObject({ asked: 1, repaired: 0 });
    ledger.advance(6 * MINUTE);
    expect((await ledger.reconcile()).tally.repaired).toBe(1);
  });

  test("are not at fault if the API limits the rate", async () => {
    const [older, newer] = await twoOverdue();
    ledger.vapi.failFor(newer.callId, 429);
    expect((await ledger.reconcile()).error).toBe("the API answered HTTP 429");
    for (const call of [older, newer]) expect(await notesOf(call)).toBeNull();
  });

  // 400 means that a call is beyond the retention, which a call of today cannot be.
  test.each([400, 403])("and are refused by the API one by one wait in the same way (%i)", async (status) => {
    const [older, newer] = await twoOverdue();
    ledger.vapi.failFor(newer.callId, status);
    expect((await ledger.reconcile()).error).toBe(`the API refuses a call that is overdue (HTTP ${status})`);
    expect(await storedFacts(older)).toEqual(expectedFacts(older));
    expect(await ledger.reconcile()).toMatchObject({ error: null, tally: { asked: 0 } });
  });

  test("of an agent that was registered too late are shown as gone at its organization", async () => {
    const call = ledger.call({ ...completed, assistantId: "late" });
    await ledger.reconcile();
    ledger.vapi.forget(call.callId);
    await ledger.sql`insert into agents (org_id, provider_account_id, provider_agent_id)
      values (${ledger.orgId}, ${PLATFORM_ACCOUNT}, 'late')`;
    expect((await ledger.reconcile()).tally).toMatchObject({ asked: 1, gone: 1 });
    expect(await notesOf(call)).toMatchObject({ orgId: ledger.orgId, missing: "gone" });
  });

  test("and have no end at the provider either are requested again later", async () => {
    const call = ledger.call(completed);
    ledger.vapi.keep(
      call.callId,
      snapshotsOf(call).filter(({ call: { status } }) => status !== "ended"),
    );
    await ledger.deliver(call, (one) => !isEnd(one));
    await markOverdue(call, "stuck");
    expect((await ledger.reconcile()).tally.asked).toBe(1);
    expect((await ledger.reconcile()).tally.asked).toBe(0);
    await ledger.sql`update provider_calls set ask_at = now()`;
    expect((await ledger.reconcile()).tally.asked).toBe(1);
    const [row] = await ledger.sql`select asks from provider_calls where provider_call_id = ${call.callId}`;
    expect(row?.asks).toBe(2);
  });
});
