import type { CallEvent } from "@call-ledger/domain";
import { describe, expect, test } from "vitest";
import { rowsOf } from "../src/testing/index.ts";
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
import { recordDeliveries, unpackPayload } from "../src/write/index.ts";

const ledger = useLedger();

describe("claims", () => {
  test("a first delivery is applied, the same one again is a duplicate, and an observation is observed", async () => {
    const hang: CallEvent = {
      kind: "call.observed",
      type: "hang",
      occurredAt: AT,
      discriminator: null,
      details: null,
    };
    expect(await ledger.record(ledger.delivery(ringing))).toEqual(["applied"]);
    expect(await ledger.record(ledger.delivery(ringing))).toEqual(["duplicate"]);
    expect(await ledger.record(ledger.delivery(hang), ledger.delivery(hang))).toEqual([
      "observed",
      "duplicate",
    ]);
  });

  test("a duplicate writes no row", async () => {
    await ledger.record(ledger.delivery(ringing), ledger.delivery(report([])));
    const state = () =>
      ledger.owner`
      select c.xmin::text, t.xmin::text, l.xmin::text, r.xmin::text from calls c
      join call_tracking t using (org_id, id) join call_logs l using (org_id, id)
      join call_routes r on r.provider_call_id = c.provider_call_id where c.provider_call_id = ${ledger.call}`.values();
    const before = await state();
    expect(await ledger.record(ledger.delivery(ringing), ledger.delivery(report([])))).toEqual([
      "duplicate",
      "duplicate",
    ]);
    expect(await state()).toEqual(before);
  });

  test("the payload is stored with the first event of its delivery", async () => {
    await ledger.record(ledger.delivery(ringing));
    const [row] =
      await ledger.owner`select payload from processed_webhook_events where provider_call_id = ${ledger.call}`;
    expect(unpackPayload(row?.payload)).toBe('{"kind":"call.progressed"}');
  });

  test("the timeline has the phase of an event, and the details of a status or an observation", async () => {
    const details = { toolCallList: [{ id: "a", function: { name: "book", arguments: '{"day":1}' } }] };
    const tools: CallEvent = {
      kind: "call.observed",
      type: "tool-calls",
      occurredAt: AT + 1,
      discriminator: null,
      details,
    };
    const told: CallEvent = {
      kind: "call.ended",
      type: "status-update",
      occurredAt: AT + 2,
      ending: null,
      details,
    };
    await ledger.record(ledger.delivery(ringing), ledger.delivery(tools), ledger.delivery(told));
    const rows = await ledger.owner`
      select phase, details from processed_webhook_events
      where provider_call_id = ${ledger.call} order by occurred_at`;
    expect([...rows]).toEqual([
      { phase: "ringing", details: null },
      { phase: null, details },
      { phase: "ended", details },
    ]);
  });

  test.each(["booked", "quarantined"])(
    "a report with many short strings is %s at once",
    { retry: 2 },
    async (becomes) => {
      const messages = Array.from({ length: 100_000 }, () => "a");
      const told = report([]);
      const large = { ...told, report: { ...told.report, messages } };
      const delivery = ledger.delivery(
        large,
        becomes === "booked" ? known : { ...nobody, providerAgentId: "none" },
      );
      const begun = performance.now();
      expect(await ledger.record(delivery)).toEqual([becomes === "booked" ? "applied" : "unknown_agent"]);
      expect(performance.now() - begun).toBeLessThan(5_000);
    },
  );

  test.each(["prepared", "literal"] as const)("transport %s books the same", async (transport) => {
    const outcomes = await recordDeliveries(ledger.pool, [ledger.delivery(ringing), ledger.delivery(ended)], {
      ...OPTIONS,
      transport,
    });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["applied", "applied"]);
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({
      phase: "ended",
      outcome: "completed",
    });
  });
});

describe("the report layer", () => {
  test("a later report with more facts is merged, and one with fewer facts removes none", async () => {
    await ledger.record(ledger.delivery(report([], null)));
    await ledger.record(ledger.delivery(report([], "the whole talk")));
    const rich = await rowsOf(ledger.owner, ledger.call);
    expect(rich?.call_logs).toMatchObject({ transcript: "the whole talk" });
    const thin = report([], null);
    await ledger.record(
      ledger.delivery({
        ...thin,
        report: { ...thin.report, costUsd: null, recordings: [], revisedAt: AT + 9_000_000 },
      }),
    );
    expect((await rowsOf(ledger.owner, ledger.call))?.call_logs).toMatchObject({
      transcript: "the whole talk",
      cost_usd: "0.030000",
    });
  });

  test("a report before all other events creates the ended call, and the others are merged later", async () => {
    await ledger.record(ledger.delivery(report([])));
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({
      phase: "ended",
      outcome: "completed",
      duration_seconds: 17,
    });
    await ledger.record(ledger.delivery(ringing));
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({ phase: "ended" });
    expect((await rowsOf(ledger.owner, ledger.call))?.call_tracking).toMatchObject({
      phase: "ended",
      ringing_at: new Date(AT).toISOString(),
    });
  });

  test("a call without a report is complete after its end", async () => {
    const answered: CallEvent = {
      ...ringing,
      kind: "call.progressed",
      phase: "in_progress",
      occurredAt: AT + 3_500,
    };
    await ledger.record(ledger.delivery(ringing), ledger.delivery(answered), ledger.delivery(ended));
    expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({
      phase: "ended",
      outcome: "completed",
      duration_seconds: 17,
      ended_reason: "customer-ended-call",
    });
  });
});

test("it refuses to run under another isolation level", async () => {
  const refused = ledger.owner.begin(
    "isolation level repeatable read",
    (tx) => tx`select * from record_deliveries('[]', '{}')`,
  );
  await expect(refused).rejects.toMatchObject({ code: "25001" });
});

describe("segments without a time", () => {
  const say = (text: string, occurredAt: number | null = null) =>
    ledger.delivery({
      kind: "call.transcribed",
      type: "call.transcribed",
      occurredAt,
      segment: { role: "user", text, byCaller: true },
    });
  const said = async () => {
    const rows = await ledger.owner`select t.text from call_transcripts t
      join calls c on c.org_id = t.org_id and c.id = t.call_id
      where c.provider_call_id = ${ledger.call} order by t.occurred_at, t.text`;
    return rows.map(({ text }) => text);
  };

  test("equal utterances without a time are one segment, in any order, so a repetition changes nothing", async () => {
    for (const text of ["yes", "no", "yes", "yes", "no"]) await ledger.record(say(text));
    expect(await said()).toEqual(["no", "yes"]);
  });

  test("equal utterances with different times are different segments, in any order", async () => {
    const at = (text: string, seconds: number) => say(text, AT + seconds * 1_000);
    for (const one of [at("yes", 3), at("yes", 1), at("no", 2), at("yes", 1)]) await ledger.record(one);
    expect(await said()).toEqual(["yes", "no", "yes"]);
  });
});
