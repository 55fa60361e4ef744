import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ASSISTANT, deliver, message } from "../harness/deliveries.ts";
import { useApi } from "../harness/use-api.ts";

let call = "";

const { ledger, api } = useApi();

beforeAll(() => ledger.addAgent());

beforeEach(() => {
  call = randomUUID();
});

type Fields = Readonly<Record<string, unknown>>;

async function send(body: Uint8Array): Promise<void> {
  expect((await deliver(api.url, body)).status).toBe(200);
}
const report = (fields: Fields) => send(message("end-of-call-report", call, fields));
const status = (fields: Fields) => send(message("status-update", call, fields));
const flat = (type: string, ofCall: Fields, fields: Fields = {}) =>
  send(
    Buffer.from(JSON.stringify({ type, call: { id: call, assistantId: ASSISTANT, ...ofCall }, ...fields })),
  );
const row = async () =>
  (
    await ledger.sql`select l.*, c.duration_seconds, c.outcome, c.customer_number, t.our_number
      from calls c join call_logs l using (org_id, id) join call_tracking t using (org_id, id)
      where c.provider_call_id = ${call}`
  )[0];

const times = { startedAt: "2026-11-20T10:00:00.000Z", endedAt: "2026-11-20T10:01:00.000Z" };
const transcript = "AI: hi\nUser: hello";
const recordingUrl = "https://storage.vapi.ai/a.wav";

describe("a second report removes nothing", () => {
  test("not the start, parts of the analysis, messages or the parts of the cost", async () => {
    await report({
      ...times,
      endedReason: "customer-ended-call",
      artifact: { transcript, messages: [{ role: "bot", message: "hi" }] },
      analysis: { summary: "s", structuredData: { appointment: "2026-12-01" } },
      cost: 0.05,
      costBreakdown: { total: 0.05, llm: 0.01 },
    });
    await report({
      endedAt: times.endedAt,
      endedReason: "customer-ended-call",
      artifact: { transcript, recordingUrl },
      analysis: { successEvaluation: "true", structuredData: {} },
      costBreakdown: { total: 0.06 },
      cost: 0.05,
      summary: "s",
    });
    expect(await row()).toMatchObject({
      duration_seconds: 60,
      messages: [{ role: "bot", message: "hi" }],
      analysis: { summary: "s", structuredData: { appointment: "2026-12-01" }, successEvaluation: "true" },
      cost_breakdown: { llm: 0.01 },
      recording_url: recordingUrl,
    });
  });

  test.each([
    ["last", [0, 1]],
    ["first", [1, 0]],
  ])("not duration and cost in the flat dialect, with the report %s", async (_when, order) => {
    const steps = [
      () =>
        flat("call.ended", { status: "ended", duration: 62, cost: 0.05, endedReason: "customer-ended-call" }),
      () =>
        flat(
          "end-of-call-report",
          { status: "ended" },
          { artifact: { transcript, recording: recordingUrl } },
        ),
    ];
    for (const step of order) await steps[step]?.();
    expect(await row()).toMatchObject({
      duration_seconds: 62,
      cost_usd: "0.050000",
      transcript,
      outcome: "completed",
    });
  });

  test.each(Array.from({ length: 8 }, (_, n) => n))(
    "and a richer one wins before any hash (%i)",
    async (n) => {
      const less = {
        ...times,
        artifact: { transcript: `t ${n}`, recordingUrl },
        analysis: { summary: "s" },
        cost: 0.05,
      };
      const more = {
        ...less,
        artifact: { ...less.artifact, messages: [{ role: "bot", message: "hi" }] },
        analysis: { summary: `s ${n}`, structuredData: { n }, successEvaluation: "true" },
        costBreakdown: { total: 0.05 },
      };
      for (const one of n % 2 === 0 ? [less, more] : [more, less]) await report(one);
      expect(await row()).toMatchObject({
        summary: `s ${n}`,
        analysis: more.analysis,
        messages: more.artifact.messages,
        cost_breakdown: more.costBreakdown,
      });
    },
  );

  test("a cost of 0, blank texts and empty lists replace nothing", async () => {
    await report({
      ...times,
      cost: 0.05,
      analysis: { summary: "s" },
      artifact: { transcript, messages: [{ role: "bot" }] },
    });
    await report({
      ...times,
      cost: 0,
      analysis: { summary: " ", structuredData: { a: 1 } },
      artifact: { transcript: "\n", messages: [], recordingUrl },
      costBreakdown: { llm: 0 },
      durationSeconds: 60,
    });
    expect(await row()).toMatchObject({
      cost_usd: "0.050000",
      summary: "s",
      transcript,
      messages: [{ role: "bot" }],
    });
  });

  test("a preliminary report and the final one end in the final values, in either order", async () => {
    const revised = (transcript: string, structuredOutputsLastUpdatedAt: string) => ({
      ...times,
      artifact: { transcript, structuredOutputsLastUpdatedAt },
    });
    const [preliminary, final] = [
      revised("a preliminary transcript of some length", "2026-11-20T10:02:00.000Z"),
      revised("final", "2026-11-20T10:05:00.000Z"),
    ];
    for (const order of [
      [preliminary, final],
      [final, preliminary],
    ]) {
      call = randomUUID();
      for (const one of order) await report(one);
      expect(await row()).toMatchObject({ transcript: "final" });
    }
  });

  test("not the values of the SQL functions", async () => {
    await ledger.sql`select * from update_call_completed_atomically(${ledger.orgId}, ${call}, 62)`;
    await report({ artifact: { transcript: "AI: hi" }, analysis: { summary: "s" } });
    expect(await row()).toMatchObject({ duration_seconds: 62, transcript: "AI: hi" });
  });
});

describe("values in another place or form", () => {
  test("an end that only the call object has", async () => {
    await report({
      call: {
        id: call,
        assistantId: ASSISTANT,
        status: "ended",
        endedReason: "customer-ended-call",
        cost: 0.12,
        ...times,
      },
    });
    expect(await row()).toMatchObject({ outcome: "completed", duration_seconds: 60, cost_usd: "0.120000" });
  });

  test("a telephone number is preferred to an address and a word, over several deliveries", async () => {
    const customers = [
      { number: "+12025550142", sipUri: "sip:+12025550142@pbx.example" },
      { sipUri: "sip:+12025550142@pbx.example" },
      { number: "anonymous" },
    ];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
    ]) {
      call = randomUUID();
      for (const place of order)
        await status({
          status: "ringing",
          customer: customers[place],
          timestamp: Date.UTC(2026, 2, 12) + place,
        });
      expect(await row()).toMatchObject({ customer_number: "+12025550142" });
    }
  });

  test("several events of one millisecond", async () => {
    for (const type of ["mono-recording", "stereo-recording", "call-logs", "call-logs"]) {
      await send(message("call.artifact.upload", call, { artifacts: [{ type, success: true }] }));
    }
    const booked = await ledger.sql`select from processed_webhook_events where provider_call_id = ${call}`;
    expect(booked).toHaveLength(3);
  });
});
