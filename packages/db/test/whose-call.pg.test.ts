import { randomUUID } from "node:crypto";
import { callFacts } from "@call-ledger/domain/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PLATFORM_ACCOUNT, rowsOf } from "../src/testing/index.ts";
import {
  AT,
  ended,
  known,
  nobody,
  OPTIONS,
  report,
  ringing,
  useLedger,
} from "../src/testing/ledger-under-test.ts";
import { recordDeliveries, replayWaiting } from "../src/write/index.ts";

const ledger = useLedger();

describe("the organization of a call", () => {
  const other = async (providerAgentId: string, phone: string | null = null, createdAt = AT) => {
    const orgId = randomUUID();
    await ledger.owner`insert into organizations (id, name) values (${orgId}, 'other')`;
    await ledger.owner`insert into agents (org_id, provider_account_id, provider_agent_id, phone_number, created_at)
      values (${orgId}, ${PLATFORM_ACCOUNT}, ${providerAgentId}, ${phone}, ${new Date(createdAt)})`;
    return orgId;
  };

  test("an agent that somebody registers by SQL with ids in upper case is found, and a UUID alone is changed", async () => {
    const [agent, number] = [randomUUID(), randomUUID()];
    const orgId = await other(agent.toUpperCase());
    await ledger.owner`update agents set provider_phone_number_id = ${number.toUpperCase()} where org_id = ${orgId}`;
    await ledger.record(ledger.delivery(ringing, { ...nobody, providerAgentId: agent }));
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({ org_id: orgId });
    ledger.call = `${ledger.call}-next`;
    await ledger.record(ledger.delivery(ringing, { ...nobody, providerPhoneNumberId: number }));
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({ org_id: orgId });
    const named = await other("Riley-DESK");
    expect(await ledger.owner`select provider_agent_id from agents where org_id = ${named}`.values()).toEqual(
      [["Riley-DESK"]],
    );
  });

  test("a delivery without an organization waits in quarantine, and nothing is written for any organization", async () => {
    const before = await ledger.owner`select count(*) from calls`.values();
    expect(await ledger.record(ledger.delivery(ringing, nobody))).toEqual(["unknown_agent"]);
    expect(await ledger.record(ledger.delivery(ringing, nobody))).toEqual(["unknown_agent"]);
    expect(await ledger.owner`select count(*) from calls`.values()).toEqual(before);
    expect(
      await ledger.owner`select org_id from call_routes where provider_call_id = ${ledger.call}`.values(),
    ).toEqual([[null]]);
    const waiting =
      await ledger.owner`select reason, replayed_at from quarantined_deliveries where provider_call_id = ${ledger.call}`;
    expect(waiting.map((row) => ({ ...row }))).toEqual([{ reason: "unknown_agent", replayed_at: null }]);
  });

  test("waiting deliveries are booked with the delivery that identifies the organization, in the same transaction", async () => {
    expect(
      await ledger.record(ledger.delivery(ringing, nobody), ledger.delivery(report([]), nobody)),
    ).toEqual(["unknown_agent", "unknown_agent"]);
    expect(await ledger.record(ledger.delivery(ended))).toEqual(["applied"]);
    expect((await rowsOf(ledger.owner, ledger.call))?.call_tracking).toMatchObject({
      phase: "ended",
      ringing_at: "2026-03-12T15:00:00.000Z",
    });
    expect((await rowsOf(ledger.owner, ledger.call))?.call_logs).toMatchObject({ transcript: "Hello" });
    const events =
      await ledger.owner`select event_type, payload is not null as kept from processed_webhook_events where provider_call_id = ${ledger.call}`;
    expect(events.map((row) => row.kept)).toEqual([true, true, true]);
    const waiting =
      await ledger.owner`select replayed_at is not null as done, payload from quarantined_deliveries where provider_call_id = ${ledger.call}`;
    expect(waiting.map((row) => ({ ...row }))).toEqual([
      { done: true, payload: null },
      { done: true, payload: null },
    ]);
    expect(await ledger.record(ledger.delivery(ringing, nobody))).toEqual(["duplicate"]);
  });

  test("waiting deliveries are booked by replayWaiting once the agent exists, and not before", async () => {
    const late = { ...nobody, providerAgentId: `late-${ledger.call}` };
    await ledger.record(ledger.delivery(ringing, late));
    await ledger.record(ledger.delivery(ended, late));
    expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(0);
    const orgId = await other(`late-${ledger.call}`);
    expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(1);
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({ org_id: orgId, phase: "ended" });
    expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(0);
  });

  test("a delivery of minutes before its agent is booked; one of days before waits for a person", async () => {
    const late = { ...nobody, providerAgentId: `late-${ledger.call}` };
    const received = (minutes: number) => ({
      ...ledger.delivery(ringing, late),
      receivedAt: AT + minutes * 60_000,
    });
    await ledger.record(received(0));
    const early = ledger.call;
    ledger.call = `${early}-in-time`;
    await ledger.record(received(2 * 24 * 60 - 10));
    const orgId = await other(late.providerAgentId, null, AT + 2 * 24 * 60 * 60_000);
    expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(1);
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({ org_id: orgId });
    const [row] =
      await ledger.owner`select reason, replayed_at from quarantined_deliveries where provider_call_id = ${early}`;
    expect(row).toEqual({ reason: "organization_conflict", replayed_at: null });
  });

  test("a delivery for a number that another organization had is never booked automatically", async () => {
    const number = "+12025550142";
    const first = await other(`first-${ledger.call}`, number);
    await ledger.owner`update agents set deleted_at = now() where org_id = ${first}`;
    const called = { ...nobody, ourNumber: number };
    expect(await ledger.record(ledger.delivery(report([]), called))).toEqual(["unknown_agent"]);
    const waiting = ledger.call;
    const second = await other(`second-${ledger.call}`, number);
    expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(0);
    expect(await rowsOf(ledger.owner, waiting)).toBeNull();
    const [row] =
      await ledger.owner`select reason from quarantined_deliveries where provider_call_id = ${waiting}`;
    expect(row).toEqual({ reason: "organization_conflict" });

    ledger.call = `${waiting}-new`;
    expect(await ledger.record(ledger.delivery(ringing, called))).toEqual(["applied"]);
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({ org_id: second });
  });

  test("other deliveries of a call do not book those that wait for the last owner of its number", async () => {
    const number = "+12025550143";
    const first = await other(`first-${ledger.call}`, number);
    await ledger.owner`update agents set deleted_at = now() where org_id = ${first}`;
    const called = { ...nobody, ourNumber: number };
    await ledger.record(ledger.delivery(report([]), called));
    await other(`second-${ledger.call}`, number);
    expect(await ledger.record(ledger.delivery(ringing, called))).toEqual(["applied"]);
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({ phase: "ringing" });
  });

  test("a waiting call that the database refuses delays no other", async () => {
    const late = { ...nobody, providerAgentId: `poison-${ledger.call}` };
    await ledger.record(ledger.delivery(ringing, late));
    const refused = ledger.call;
    await ledger.owner`update quarantined_deliveries set events = jsonb_set(events, '{0,direction}', '"sideways"')
      where provider_call_id = ${refused}`;
    ledger.call = `${refused}-sound`;
    await ledger.record(ledger.delivery(ringing, late));
    await other(`poison-${refused}`);
    expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(1);
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({ phase: "ringing" });
    const [row] =
      await ledger.owner`select reason, detail from quarantined_deliveries where provider_call_id = ${refused}`;
    expect(row).toEqual({ reason: "refused", detail: "refused: 23514" });
    expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(0);
  });

  test("evidence for two organizations at once is a conflict", async () => {
    await other("unused", "+12025550177");
    expect(await ledger.record(ledger.delivery(ringing, { ...known, ourNumber: "+12025550177" }))).toEqual([
      "organization_conflict",
    ]);
    expect(await rowsOf(ledger.owner, ledger.call)).toBeNull();
  });

  describe("of a delivery with several names", () => {
    const squad = (...agentIds: string[]) => {
      const [providerAgentId = null, ...rest] = agentIds.map((name) => `${name}-${ledger.call}`);
      return {
        ...nobody,
        providerAgentId,
        alsoNamed: { agentIds: rest, phoneNumberIds: [], ourNumbers: [] },
      };
    };
    const callRow = async () => (await rowsOf(ledger.owner, ledger.call))?.calls;

    test("the first registered one decides, and two organizations are a conflict", async () => {
      const agents = [
        { org: 0, names: ["asst-1", "num-1", "+12025550100"] },
        { org: 0, names: ["asst-2", "", "+12025550101"] },
        { org: 1, names: ["asst-other", "num-other", "+12025550190"] },
      ];
      const orgs = [ledger.fixture.orgId, await other("asst-other", "+12025550190")];
      await ledger.owner`update agents set provider_phone_number_id = 'num-other' where provider_agent_id = 'asst-other'`;
      const facts = callFacts({
        agentIds: ["asst-1", "asst-2", "asst-other", "asst-x", "asst-y"],
        phoneNumberIds: ["num-1", "num-other", "num-x"],
        ourNumbers: ["+12025550100", "+12025550101", "+12025550190", "+12025550999"],
      });
      const decided = { applied: 0, organization_conflict: 0, unknown_agent: 0 };
      for (const [place, said] of fc.sample(facts, { numRuns: 80, seed: 11 }).entries()) {
        ledger.call = `named-${place}`;
        const { alsoNamed } = said;
        const names = [
          said.providerAgentId,
          ...(alsoNamed?.agentIds ?? []),
          said.providerPhoneNumberId,
          ...(alsoNamed?.phoneNumberIds ?? []),
          said.ourNumber,
          ...(alsoNamed?.ourNumbers ?? []),
        ];
        const found = names.flatMap((name) => agents.filter((agent) => name && agent.names.includes(name)));
        const [first] = found;
        const owners = new Set(found.map(({ org }) => org));
        const expected =
          first === undefined ? "unknown_agent" : owners.size > 1 ? "organization_conflict" : "applied";
        decided[expected] += 1;
        const told = JSON.stringify(said);
        expect(await ledger.record(ledger.delivery(ringing, said)), told).toEqual([expected]);
        if (expected !== "applied") continue;
        const [row] = await ledger.owner`select c.org_id, a.provider_agent_id
          from calls c join agents a on a.org_id = c.org_id and a.id = c.agent_id where provider_call_id = ${ledger.call}`;
        const named = { org_id: orgs[first?.org ?? 0], provider_agent_id: first?.names[0] };
        expect(row, told).toEqual(named);
      }
      expect(Math.min(...Object.values(decided)), JSON.stringify(decided)).toBeGreaterThan(5);
    });

    test("what waits is booked once any of them is registered", async () => {
      await ledger.record(ledger.delivery(ringing, squad("member", "squad")));
      const orgId = await other(`squad-${ledger.call}`);
      expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(1);
      expect(await callRow()).toMatchObject({ org_id: orgId, phase: "ringing" });
    });

    test("what waits for agents of two organizations is left to a person", async () => {
      await ledger.record(ledger.delivery(ringing, squad("x", "member", "squad")));
      await other(`member-${ledger.call}`);
      await other(`squad-${ledger.call}`);
      expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(0);
      expect(await callRow()).toBeUndefined();
      const waiting =
        await ledger.owner`select reason from quarantined_deliveries where provider_call_id = ${ledger.call}`;
      expect(waiting).toMatchObject([{ reason: "organization_conflict" }]);
    });

    test("what waits is not brought along by the rest of its call if another organization had one of them", async () => {
      const first = await other(`squad-${ledger.call}`);
      await ledger.owner`update agents set deleted_at = now() where org_id = ${first}`;
      await ledger.record(ledger.delivery(report([]), squad("member", "squad")));
      await other(`member-${ledger.call}`);
      expect(await ledger.record(ledger.delivery(ringing, squad("member")))).toEqual(["applied"]);
      expect(await callRow()).toMatchObject({ phase: "ringing" });
    });

    test("a delivery of the last release waits for the one that it named", async () => {
      await ledger.record(ledger.delivery(ringing, squad("member", "squad")));
      await ledger.owner`update quarantined_deliveries set also_named = null, events = events #- '{0,also_named}'
        where provider_call_id = ${ledger.call}`;
      await other(`squad-${ledger.call}`);
      expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(0);
      await other(`member-${ledger.call}`);
      expect(await replayWaiting(ledger.pool, { max: 100, deadlineMs: 5_000 })).toBe(1);
    });
  });

  test("a batch gives the same result as single deliveries: the first decides, the other is a conflict", async () => {
    const elsewhere = { ...nobody, providerAgentId: `else-${ledger.call}` };
    await other(`else-${ledger.call}`);
    expect(await ledger.record(ledger.delivery(ringing), ledger.delivery(ended, elsewhere))).toEqual([
      "applied",
      "organization_conflict",
    ]);
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({
      org_id: ledger.fixture.orgId,
      phase: "ringing",
    });
  });

  test("the customer's number never identifies the organization", async () => {
    expect(
      await ledger.record(ledger.delivery(ringing, { ...nobody, customerNumber: "+12025550100" })),
    ).toEqual(["unknown_agent"]);
  });

  test("an organization's own account books without an agent", async () => {
    expect(await ledger.record(ledger.delivery(ringing, nobody, 1))).toEqual(["applied"]);
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({
      org_id: ledger.fixture.orgId,
      agent_id: null,
    });
  });

  test("the reply to a question names the agent, for a repetition too", async () => {
    const asks = ledger.delivery(
      {
        kind: "call.observed",
        type: "assistant-request",
        occurredAt: AT,
        discriminator: null,
        details: null,
      },
      { ...nobody, ourNumber: "+12025550101" },
    );
    const wanting =
      "facts" in asks.content ? { ...asks, content: { ...asks.content, wantsAgent: true } } : asks;
    for (const outcome of ["observed", "duplicate"]) {
      expect(await recordDeliveries(ledger.pool, [wanting], OPTIONS)).toEqual([
        { outcome, reason: null, providerAgentId: "asst-2" },
      ]);
    }
  });
});
