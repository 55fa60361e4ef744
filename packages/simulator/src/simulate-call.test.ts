import { zstdCompressSync } from "node:zlib";
import type { BookableEvent, CallState, Summary } from "@call-ledger/domain";
import { eventId, mergeStates, stateOf, summarize } from "@call-ledger/domain";
import type { ReadDelivery } from "@call-ledger/providers";
import { sha256 } from "@call-ledger/providers";
import { vapi, vapiCredential } from "@call-ledger/providers/testing/vapi";
import { expect, test } from "vitest";
import type { SimulatedCall, SimulatedDelivery, SimulationOptions } from "./index.ts";
import {
  arrange,
  isPossible,
  redeliver,
  SIMULATED_DIRECTIONS,
  SIMULATED_OUTCOMES,
  signDelivery,
  simulateCall,
} from "./index.ts";

const STARTED_AT = Date.UTC(2026, 2, 12, 15, 4, 2, 118);
const ASSISTANT = "5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711";
const ORIGIN = { provider: "vapi", accountId: "account" };
const SECRET = "a secret of the simulator's tests";
const utf8 = new TextEncoder();

const simulate = (options: Partial<SimulationOptions>) =>
  simulateCall({ seed: 1, assistantId: ASSISTANT, startedAt: STARTED_AT, ...options });

const COMBINATIONS = [false, true].flatMap((flat) =>
  SIMULATED_DIRECTIONS.flatMap((direction) =>
    SIMULATED_OUTCOMES.filter((outcome) => isPossible(direction, outcome)).map((outcome) => ({
      flat,
      direction,
      outcome,
    })),
  ),
);

/** Some calls of every form, direction and outcome. */
const everyKind = COMBINATIONS.flatMap((combination) =>
  ["a", "b", "c", "d", "e", "f"].map((seed) => ({ combination, call: simulate({ ...combination, seed }) })),
);

function read(delivery: SimulatedDelivery): Extract<ReadDelivery, { reads: "call" }> {
  const result = vapi.read(utf8.encode(delivery.body));
  if (result.reads !== "call") throw new Error(`${delivery.type} reads as ${result.reads}`);
  return result;
}

function idsOf(delivery: SimulatedDelivery): string[] {
  const { providerCallId, facts, events } = read(delivery);
  return events.map((event) => eventId({ ...ORIGIN, providerCallId }, facts, event, sha256));
}

function summaryOf({ deliveries }: Pick<SimulatedCall, "deliveries">): Summary {
  const bookables = deliveries.flatMap((delivery): BookableEvent[] => {
    const { facts, events } = read(delivery);
    return events.map((event) => ({ accountId: "account", facts, agent: null, event, source: "p" }));
  });
  const [first, ...rest] = bookables.map((bookable): CallState => stateOf(bookable, sha256));
  if (first === undefined) throw new Error("no events");
  const { live, report } = rest.reduce(mergeStates, first);
  return summarize(live, report, {});
}

test("equal options make equal bytes, and each option matters", () => {
  const options = { direction: "inbound", outcome: "completed", turns: 9 } as const;
  const bodies = (changed: Partial<SimulationOptions>) =>
    simulate({ ...options, ...changed }).deliveries.map(({ body }) => body);
  expect(bodies({})).toEqual(bodies({}));
  const others: Partial<SimulationOptions>[] = [
    { seed: 2 },
    { assistantId: "another" },
    { startedAt: STARTED_AT + 1 },
    { flat: true },
    { direction: "outbound" },
    { outcome: "forwarded" },
    { turns: 12 },
    { chatter: true },
    { ourNumber: "+12025550100" },
    { phoneNumberId: "number-1" },
    { recordingOrigin: "https://recordings.example.test" },
    { presignedAt: STARTED_AT },
  ];
  for (const other of others) expect(bodies(other), JSON.stringify(other)).not.toEqual(bodies({}));
});

test("the paths of recordings of a recorded call contain who speaks when", () => {
  const options = { seed: 1, assistantId: ASSISTANT, startedAt: STARTED_AT } as const;
  const call = simulateCall({ ...options, recordingHost: "localhost:4443" });
  expect({ ...call, deliveries: [] }).toEqual({ ...simulateCall(options), deliveries: [] });
  expect(call.deliveries.at(-1)?.body).toMatch(/"https:\/\/localhost:4443\/[ac]\d+-\d+,[^"]+stereo\.wav/);
});

test("calls of a provider without a simulation are refused", () => {
  expect(() => simulate({ provider: "nobody" })).toThrow(RangeError);
});

test("every delivery of every kind of call verifies and belongs to its call", () => {
  const now = STARTED_AT + 3_600_000;
  const credential = vapiCredential(SECRET, "hmac");
  for (const { call } of everyKind) {
    for (const { body, type, ...delivery } of call.deliveries) {
      const headers = signDelivery(body, SECRET, now);
      const request = {
        method: "POST",
        url: "https://ledger.example.test/",
        headers,
        body: utf8.encode(body),
      };
      expect(credential.verify(request, now).verified).toBe(true);
      const { providerCallId, facts, type: readType } = read({ body, type, ...delivery });
      expect(providerCallId).toBe(call.callId);
      expect(facts.providerAgentId).toBe(ASSISTANT);
      expect(type.startsWith(readType)).toBe(true);
    }
  }
});

test("the ledger's summary is equal to the simulated call", () => {
  for (const { combination, call } of everyKind) {
    const { flat } = combination;
    const seconds = call.answeredAt === null ? null : Math.round((call.endedAt - call.answeredAt) / 1000);
    const summary = summaryOf(call);
    expect(summary, JSON.stringify(combination)).toMatchObject({
      phase: "ended",
      outcome: combination.outcome,
      direction: flat ? "unknown" : combination.direction,
      endedReason: call.endedReason,
      customerNumber: call.customerNumber,
      startedAt: flat ? null : call.answeredAt,
      endedAt: flat ? null : call.endedAt,
      costUsd: call.costUsd,
    });
    expect(summary.durationSeconds ?? 0).toBe(seconds ?? 0);
  }
});

test("an answered call has a transcript, a tool call and two recordings whose URLs have no signature", () => {
  const { deliveries, callId } = simulate({ direction: "inbound", outcome: "completed", turns: 20 });
  const types = deliveries.map(({ type, detail }) => (detail === null ? type : `${type} ${detail}`));
  for (const type of ["status-update queued", "status-update ringing", "status-update in-progress"]) {
    expect(types).toContain(type);
  }
  expect(types.slice(-2)).toEqual(["status-update ended", "end-of-call-report"]);
  expect(types).toContain("assistant.started");
  expect(types.filter((type) => type.startsWith("transcript")).length).toBeGreaterThanOrEqual(18);
  expect(deliveries.some(({ type }) => type === "tool-calls")).toBe(true);
  const report = deliveries
    .flatMap((delivery) => read(delivery).events)
    .find((event) => event.kind === "call.reported");
  expect(report?.report.recordings.map(({ url }) => url)).toEqual([
    expect.stringMatching(`^https://storage\\.vapi\\.ai/${callId}-\\d{13}-[-0-9a-f]{36}-mono\\.wav$`),
    expect.stringMatching(`^https://storage\\.vapi\\.ai/${callId}-\\d{13}-[-0-9a-f]{36}-stereo\\.wav$`),
  ]);
  expect(report?.sources.map(({ channel }) => channel)).toEqual(["mono", "stereo", "customer", "assistant"]);
});

test("no event occurs twice in a call, and events are in the order of their times", () => {
  for (const { call } of everyKind) {
    const ids = call.deliveries.flatMap(idsOf);
    expect(new Set(ids).size).toBe(ids.length);
    const times = call.deliveries.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
});

test("shuffled and repeated deliveries keep their meaning", () => {
  for (const { call } of everyKind) {
    const inOrder = call.deliveries.flatMap(idsOf);
    const arranged = arrange(call.deliveries, { seed: 7, shuffle: true, repeat: 3 });
    expect(arranged).toHaveLength(call.deliveries.length * 3);
    expect(arranged.flatMap(idsOf).sort()).toEqual([...inOrder, ...inOrder, ...inOrder].sort());
  }
  const { deliveries } = simulate({ outcome: "completed" });
  const once = arrange(deliveries, { seed: 7, shuffle: true, repeat: 1 });
  expect(once).not.toEqual(deliveries);
  expect(once).toEqual(arrange(deliveries, { seed: 7, shuffle: true, repeat: 1 }));
  expect(arrange(deliveries, { seed: 7, shuffle: false, repeat: 1 })).toEqual(deliveries);
  expect(() => arrange(deliveries, { seed: 7, shuffle: false, repeat: 0 })).toThrow(RangeError);
});

test("a redelivered report has other presigned URLs, another time and the same id", () => {
  const { deliveries } = simulate({ outcome: "completed", direction: "outbound" });
  const report = deliveries.at(-1);
  if (report === undefined) throw new Error("no deliveries");
  const messageOf = ({ body }: SimulatedDelivery) => JSON.parse(body).message;
  const [first, second] = [messageOf(report), messageOf(redeliver(report, 2))];
  expect(second.timestamp).toBeGreaterThan(first.timestamp);
  for (const name of ["presignedMonoUrl", "presignedStereoUrl", "presignedUrlsExpiresAt"]) {
    expect(second.artifact[name]).not.toBe(first.artifact[name]);
  }
  expect(second.artifact.recordingUrl).toBe(first.artifact.recordingUrl);
  expect(idsOf(redeliver(report, 2))).toEqual(idsOf(report));
});

test("chatter is sent only on request, and is read as chatter", () => {
  const outcome = "completed";
  const quiet = simulate({ outcome, turns: 8 }).deliveries;
  const chatty = simulate({ outcome, turns: 8, chatter: true }).deliveries;
  const quietBodies = new Set(quiet.map(({ body }) => body));
  const chatter = chatty.filter(({ body }) => !quietBodies.has(body));
  expect(chatter.length).toBeGreaterThan(quiet.length / 2);
  for (const { body } of chatter) expect(vapi.read(utf8.encode(body)).reads).toBe("chatter");
});

test("reports are as large as real ones and compress no better", () => {
  const reports = Array.from({ length: 200 }, (_, seed) =>
    simulate({ seed, outcome: "completed" }).deliveries.at(-1),
  );
  const bodies = reports.map((report) => report?.body ?? "");
  const sizes = bodies.map((body) => body.length).sort((a, b) => a - b);
  const ratios = bodies.map((body) => body.length / zstdCompressSync(body).length);
  expect(sizes[0]).toBeGreaterThan(5_000);
  expect(sizes.at(-1)).toBeLessThan(62_000);
  expect((sizes[180] ?? 0) / (sizes[20] ?? 1)).toBeGreaterThan(3);
  expect(Math.max(...ratios)).toBeLessThan(4.5);
  expect(Math.min(...ratios)).toBeGreaterThan(2.5);
});

test("a sample is one short, meaningful conversation with a summary", () => {
  const samples = [1, 2, 3, 4, 5].map((seed) =>
    simulate({ seed, outcome: "completed", sample: true }).deliveries.at(-1),
  );
  for (const report of samples) {
    const { artifact, analysis, endedReason } = JSON.parse(report?.body ?? "").message;
    expect(endedReason).toBe("customer-ended-call");
    expect(artifact.transcript).toMatch(/User: Sam Carter\.\n.*AI: Thursday at half past nine is free/);
    expect(analysis.summary).toContain("Sam Carter moved a booking to Thursday");
    expect(analysis.structuredData.topic).toBe("a booking");
  }
});

test("the summary and the analysis say what was said, and the greeting names no business", () => {
  for (const seed of [1, 2, 3, 4, 5, 6]) {
    const report = simulate({ seed, direction: "inbound", outcome: "completed" }).deliveries.at(-1);
    const { artifact, analysis, assistant } = JSON.parse(report?.body ?? "").message;
    const said = artifact.messages.filter(({ role }: { role: string }) => role === "bot" || role === "user");
    const texts: string[] = said.map(({ message }: { message: string }) => message);
    expect(texts[0]).toMatch(/^Hello, this is \w+\. /);
    expect(assistant.firstMessage).toBe(texts[0]);
    expect(analysis.summary).toContain(texts[1]);
    expect(analysis.summary).toContain(texts.at(-2));
    const { topic, confirmation, callBackAt } = analysis.structuredData;
    for (const value of [topic, confirmation, callBackAt]) {
      if (value !== null) expect(texts.join("\n").toLowerCase()).toContain(value.toLowerCase());
    }
    expect(topic).toBeTypeOf("string");
  }
});

test("a call can be moved, so that its report is ready at a given time", () => {
  const options = { direction: "inbound", outcome: "completed" } as const;
  const reportedAt = STARTED_AT + 86_400_000;
  const [call, moved] = [simulate(options), simulate({ ...options, reportedAt })];
  const shift = reportedAt - (call.deliveries.at(-1)?.atMs ?? 0);
  expect(moved.deliveries.at(-1)?.atMs).toBe(reportedAt);
  expect(moved.endedAt).toBe(call.endedAt + shift);
  expect(moved.spoken).toEqual(call.spoken);
  expect(simulate({ ...options, reportedAt })).toEqual(moved);
});

test("every direction and outcome is drawn", () => {
  const calls = Array.from({ length: 600 }, (_, seed) => simulate({ seed, turns: 2 }));
  const seen = new Set(calls.map(({ direction, outcome }) => `${direction} ${outcome}`));
  expect([...seen].sort()).toEqual(
    COMBINATIONS.filter(({ flat }) => !flat)
      .map(({ direction, outcome }) => `${direction} ${outcome}`)
      .sort(),
  );
  expect(new Set(calls.map(({ callId }) => callId)).size).toBe(calls.length);
});

test("an impossible call is refused", () => {
  expect(() => simulate({ direction: "inbound", outcome: "busy" })).toThrow("no inbound call ends as busy");
  expect(() => simulate({ turns: 1 })).toThrow(RangeError);
  expect(simulate({ outcome: "no_answer" }).direction).toBe("outbound");
});
