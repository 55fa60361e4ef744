import { randomUUID } from "node:crypto";
import { readCompleteness } from "@call-ledger/db/completeness";
import { PLATFORM_ACCOUNT } from "@call-ledger/db/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { completed, expectedFacts, factsIn, isReport, notesIn } from "./harness/call-facts.ts";
import type { ReconciledLedger } from "./harness/reconciled-ledger.ts";
import { DAY, MINUTE, reconciledLedger } from "./harness/reconciled-ledger.ts";

const STRANGERS_KEY = "the key of another customer";

let ledger: ReconciledLedger;

beforeEach(async () => {
  ledger = await reconciledLedger({ strangersKey: STRANGERS_KEY });
});
afterEach(() => ledger.drop());

const useKey = (apiKey: string) => Object.assign(ledger.config, { VAPI_API_KEY: apiKey });

const callAt = (seed: number, ago: number) =>
  ledger.call({ ...completed, seed, startedAt: ledger.now() - ago });

const comparedUntil = async () => {
  const [row] = await ledger.sql`select compared_until from reconciled_accounts`;
  return row?.compared_until ?? null;
};

describe("the key of another customer of the provider", () => {
  test("is noticed, because its list has none of the calls that came", async () => {
    for (const seed of [1, 2, 3]) await ledger.deliver(callAt(seed, seed * 120 * MINUTE));
    await ledger.sql`update calls set created_at = now() - interval '2 hours'`;
    useKey(STRANGERS_KEY);
    expect((await ledger.reconcile()).error).toContain("may belong to another customer of the provider");
    expect(await comparedUntil()).toBeNull();
    useKey("private");
    expect((await ledger.reconcile()).error).toBeNull();
  });

  test("hides no call for ever: with the right key everything is compared anew", async () => {
    const [lost, overdue] = [callAt(1, 5 * DAY), callAt(2, 4 * DAY)];
    await ledger.deliver(overdue, (one) => !isReport(one));
    await ledger.sql`update calls set attention = array['missing_report']`;
    await ledger.sql`insert into reconciled_accounts (provider_account_id, provider, compared_until, key_digest)
      values (${PLATFORM_ACCOUNT}, 'vapi', ${new Date(ledger.now() - DAY)}, 'the right one')`;
    useKey(STRANGERS_KEY);
    expect((await ledger.reconcile()).tally).toMatchObject({ listed: 0, gone: 1 });
    expect(await notesIn(ledger, overdue)).toMatchObject({ missing: "gone" });
    useKey("private");
    expect((await ledger.reconcile()).tally).toMatchObject({ listed: 2, repaired: 2 });
    expect(await factsIn(ledger, lost)).toEqual(expectedFacts(lost));
    expect(await factsIn(ledger, overdue)).toEqual(expectedFacts(overdue));
    expect((await ledger.reconcile()).tally.listed).toBe(0);
  });
});

describe("two accounts with keys of one customer", () => {
  async function nextDoor(): Promise<{ orgId: string; accountId: string }> {
    const orgId = randomUUID();
    await ledger.sql`insert into organizations (id, name) values (${orgId}, 'next door')`;
    return { orgId, accountId: await ledger.addAccount(orgId, "private") };
  }

  test.each([
    ["whose agent is another organization's", false],
    ["that came over the account of another organization", true],
  ])("a call %s is not booked twice, and is in no count of the second", async (_whose, isDelivered) => {
    const { orgId, accountId } = await nextDoor();
    const call = callAt(1, DAY);
    if (isDelivered) await ledger.deliver(call);
    if (isDelivered) await ledger.sql`update agents set deleted_at = now()`;
    expect((await ledger.reconcile(accountId)).tally).toMatchObject({ listed: 1, repaired: 0, missing: 1 });
    expect(await notesIn(ledger, call)).toMatchObject({ orgId: null, missing: "organization_conflict" });
    const [theirs] = await readCompleteness(ledger.pool, orgId, { from: null, to: null }, 5_000);
    expect(theirs?.days.every((day) => day.providerCalls + day.gone + day.unlisted === 0)).toBe(true);
    const [{ n } = { n: null }] =
      await ledger.sql`select count(*)::int as n from calls where org_id = ${orgId}`;
    expect(n).toBe(0);
  });

  test("a call of nobody else's agent belongs to the account's organization", async () => {
    const { accountId } = await nextDoor();
    ledger.call({ ...completed, assistantId: "of next door", startedAt: ledger.now() - DAY });
    expect((await ledger.reconcile(accountId)).tally).toMatchObject({ repaired: 1, missing: 0 });
  });
});

test("a person can decide that calls from before its agent's registration are an organization's", async () => {
  const call = ledger.call({ ...completed, assistantId: "new here", startedAt: ledger.now() - 3 * DAY });
  await ledger.sql`insert into agents (org_id, provider_account_id, provider_agent_id)
    values (${ledger.orgId}, ${PLATFORM_ACCOUNT}, 'new here')`;
  await ledger.reconcile();
  expect(await notesIn(ledger, call)).toMatchObject({ missing: "organization_conflict" });
  const created = { from: ledger.now() - 4 * DAY, to: ledger.now() };
  const others = await ledger.reconcile(PLATFORM_ACCOUNT, created, randomUUID());
  expect(others.tally).toMatchObject({ repaired: 0, missing: 1 });
  const decided = await ledger.reconcile(PLATFORM_ACCOUNT, created, ledger.orgId);
  expect(decided.tally).toMatchObject({ repaired: 1, missing: 0 });
  expect(await factsIn(ledger, call)).toEqual(expectedFacts(call));
});
