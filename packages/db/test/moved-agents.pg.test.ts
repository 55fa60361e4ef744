import { randomUUID } from "node:crypto";
import type { CallEvent } from "@call-ledger/domain";
import { describe, expect, test } from "vitest";
import { PLATFORM_ACCOUNT, rowsOf } from "../src/testing/index.ts";
import { AT, ended, nobody, report, ringing, useLedger } from "../src/testing/ledger-under-test.ts";

const ledger = useLedger();

/** Adds an agent of a new organization, whose id is returned. */
async function other(providerAgentId: string, phone: string | null = null, createdAt = AT): Promise<string> {
  const orgId = randomUUID();
  await ledger.owner`insert into organizations (id, name) values (${orgId}, 'other')`;
  await ledger.owner`insert into agents (org_id, provider_account_id, provider_agent_id, phone_number, created_at)
    values (${orgId}, ${PLATFORM_ACCOUNT}, ${providerAgentId}, ${phone}, ${new Date(createdAt)})`;
  return orgId;
}

describe("a call whose agent was moved", () => {
  const move = async (from: string, agent: string, phone: string | null = null) => {
    await ledger.owner`update agents set deleted_at = now() where org_id = ${from} and provider_agent_id = ${agent}`;
    return other(agent, phone, Date.now());
  };
  const orgOfCall = async () => (await rowsOf(ledger.owner, ledger.call))?.calls;
  const agentOf = async (orgId: string) =>
    (await ledger.owner`select id from agents where org_id = ${orgId}`)[0]?.id;
  const now = (event: CallEvent) => ({ ...event, occurredAt: Date.now() });

  test("is still that of the first booking, for whatever names the agent", async () => {
    const agent = `moves-${ledger.call}`;
    const [byId, byNumber] = [
      { ...nobody, providerAgentId: agent },
      { ...nobody, ourNumber: "+12025550144" },
    ];
    const orgId = await other(agent, byNumber.ourNumber);
    await ledger.record(ledger.delivery(ringing, byId));
    const next = await move(orgId, agent, byNumber.ourNumber);
    expect(await ledger.record(ledger.delivery(ended, byId))).toEqual(["applied"]);
    expect(await ledger.record(ledger.delivery(report([]), byNumber))).toEqual(["applied"]);
    expect(await orgOfCall()).toMatchObject({
      org_id: orgId,
      phase: "ended",
      cost_usd: "0.030000",
      agent_id: await agentOf(orgId),
    });
    expect(await ledger.record(ledger.delivery(ended, nobody))).toEqual(["applied"]);

    ledger.call = `${ledger.call}-next`;
    expect(await ledger.record(ledger.delivery(now(ringing), byId))).toEqual(["applied"]);
    expect(await orgOfCall()).toMatchObject({ org_id: next, agent_id: await agentOf(next) });
  });

  test("is in conflict if the agent was not that organization's when the call began", async () => {
    const [first, second] = [`first-${ledger.call}`, `second-${ledger.call}`];
    const orgId = await other(first);
    await ledger.owner`insert into agents (org_id, provider_account_id, provider_agent_id, created_at)
      values (${orgId}, ${PLATFORM_ACCOUNT}, ${second}, ${new Date(AT)})`;
    await move(orgId, second);
    await ledger.record(ledger.delivery(ringing, { ...nobody, providerAgentId: first }));
    expect(await ledger.record(ledger.delivery(ended, { ...nobody, providerAgentId: second }))).toEqual([
      "organization_conflict",
    ]);
    expect(await orgOfCall()).toMatchObject({ org_id: orgId, phase: "ringing" });
  });

  test("is left to a person if nothing of the call came before", async () => {
    const agent = `late-${ledger.call}`;
    const facts = { ...nobody, providerAgentId: agent };
    const next = await move(await other(agent), agent);
    for (const late of [ringing, now(report([]))]) {
      expect(await ledger.record(ledger.delivery(late, facts))).toEqual(["organization_conflict"]);
    }
    expect(await rowsOf(ledger.owner, ledger.call)).toBeNull();
    const waiting = await ledger.owner`select call_ledger.replay_quarantined(id) ->> 'outcome' as outcome
      from quarantined_deliveries where provider_call_id = ${ledger.call}`;
    expect(waiting.map(({ outcome }) => outcome)).toEqual(["applied", "applied"]);
    expect(await orgOfCall()).toMatchObject({ org_id: next });
  });

  test("is the first one's if the agent was moved back", async () => {
    const agent = `back-${ledger.call}`;
    const facts = { ...nobody, providerAgentId: agent };
    const orgId = await other(agent);
    const next = await move(orgId, agent);
    await ledger.owner`update agents set deleted_at = now() where org_id = ${next}`;
    await ledger.owner`insert into agents (org_id, provider_account_id, provider_agent_id)
      values (${orgId}, ${PLATFORM_ACCOUNT}, ${agent})`;
    expect(await ledger.record(ledger.delivery(report([]), facts))).toEqual(["applied"]);
    expect(await orgOfCall()).toMatchObject({ org_id: orgId });
  });
});
