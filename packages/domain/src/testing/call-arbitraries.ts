import fc from "fast-check";
import type { CallEvent, CallFacts, Report } from "../call/call-event.ts";
import { CHANNELS, DIRECTIONS } from "../call/call-event.ts";
import type { Ending } from "../call/outcome.ts";
import { OUTCOMES } from "../call/outcome.ts";
import { PHASES } from "../call/phase.ts";
import { SOURCE } from "../call/versioned.ts";
import { canonicalJson } from "../text/canonical-json.ts";
import type { Json } from "../text/json.ts";
import { sha256 } from "./sha256.digest.ts";

/*
 * Generated calls. Values come from small pools, so that ties, repetitions and contradictions are frequent: the merge
 * has to decide them.
 */

const START = Date.UTC(2026, 2, 12, 15);
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(value, { nil: null, freq: 2 });
/** Few instants, some with milliseconds. Several of them are in the same second. */
const instant = fc
  .constantFrom(0, 1, 499, 500, 1_500, 16_722, 60_000, 3_600_001)
  .map((offset) => START + offset);
/** Texts whose order by UTF-16 units and by UTF-8 bytes differs. */
const word = fc.constantFrom("a", "B", "ä", "\uffee", "\u{1f4de}", "customer-ended-call");
const text = fc.oneof(word, fc.constant(" \n"));

const COMPLETED_OFTEN = ["completed", "completed", "completed", "completed"] as const;

/** Few calls end with it and have a report in which nobody speaks, so it is drawn more often. */
const BUSY_OFTEN = ["customer-busy", "customer-busy", "customer-busy"] as const;

/** The reason determines the word for a completed call. */
const ending: fc.Arbitrary<Ending> = fc
  .record({
    reason: orNull(fc.constantFrom("customer-ended-call", "voicemail", "\uffee", "\u{1f4de}", ...BUSY_OFTEN)),
    outcome: fc.constantFrom(...OUTCOMES, ...COMPLETED_OFTEN),
  })
  .map(({ reason, outcome }) => ({
    reason,
    outcome: outcome === "completed" ? (COMPLETED.get(reason) ?? outcome) : outcome,
  }));
const COMPLETED: ReadonlyMap<string | null, Ending["outcome"]> = new Map([
  ["voicemail", "silence"],
  ["customer-busy", "delivered"],
]);

/** Objects that share parts, empty parts, costs of 0, and values that are not objects. */
const json = fc.constantFrom<Json>(
  { a: 1, b: [true, null] },
  { b: "x" },
  { a: 0, c: "" },
  { c: { d: 1 } },
  { metadata: { k: 1, l: "x" } },
  { metadata: { k: "N/A", m: null, "l.k": 0 } },
  { metadata: { k: 2 }, a: 3 },
  { metadata: "m", customer: {}, "metadata.k": 4 },
  { structuredOutputs: { k: { name: "n", result: null }, l: { name: "n", result: { d: 1 } } } },
  { structuredOutputs: { k: { name: "n", result: "r" }, m: "s" }, analysisCostBreakdown: { k: 0, l: 1 } },
  { structuredOutputs: { k: { name: "n" }, m: " " }, analysisCostBreakdown: { k: 2, l: null } },
  {},
  ["m", { role: "bot" }],
  { transfers: [{ status: "ended" }], structuredDataMulti: [{ k: 1 }, { l: 2 }] },
  { transfers: [{ status: null }, "x", [true, false]], structuredDataMulti: [{ k: { d: 3 } }], a: 1, b: 1 },
  [],
);

/** Lists of messages with one to four facts. */
const messageList = fc.constantFrom<Json>(
  ["m"],
  [{ role: "bot", time: 0, message: "" }, { role: "user" }],
  [{ role: "bot", message: "n" }, "m"],
  [{ role: "bot", message: "n" }, ["m", true, null]],
);

export const report: fc.Arbitrary<Report> = fc
  .record({
    source: fc.constantFrom("adopted" as const, "early" as const, "webhook" as const, "reconcile" as const),
    revisedAt: orNull(instant),
    transcript: orNull(text),
    messages: orNull(fc.oneof(messageList, json)),
    summary: orNull(text),
    analysis: orNull(json),
    costUsd: orNull(fc.constantFrom(0, 0.0304, 1.5)),
    costBreakdown: orNull(json),
    startedAt: orNull(instant),
    endedAt: orNull(instant),
    ending: orNull(ending),
    durationSeconds: orNull(fc.constantFrom(0, 17, 4000)),
    forwardedTo: orNull(fc.constantFrom("+12025550188", "sip:desk@pbx.test")),
    details: orNull(json),
    recordings: fc
      .subarray([...CHANNELS])
      .chain((channels) =>
        fc.tuple(
          ...channels.map((channel) => word.map((url) => ({ channel, url: `https://r.test/${url}` }))),
        ),
      ),
  })
  .map((drawn) => ({ ...drawn, callerTurns: turnsIn(drawn.transcript, drawn.messages) }));

/** Derives the caller's turns from transcript and messages, as a real report does. */
function turnsIn(transcript: string | null, messages: Json | null): number | null {
  if (transcript === null && messages === null) return null;
  return (JSON.stringify([transcript, messages]).length * 7) % 3;
}

const named = {
  type: fc.constantFrom("status-update", "end-of-call-report", "hang"),
  occurredAt: orNull(instant),
};

/** Any event. Events that change the state are more frequent than observations. */
export const callEvent: fc.Arbitrary<CallEvent> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      ...named,
      kind: fc.constant("call.progressed" as const),
      phase: fc.constantFrom(...PHASES).filter((phase) => phase !== "ended"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ ...named, kind: fc.constant("call.ended" as const), ending: orNull(ending) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...named,
      kind: fc.constant("call.reported" as const),
      report,
      sources: fc.constant([]),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...named,
      kind: fc.constant("call.transcribed" as const),
      segment: fc
        .record({ role: fc.constantFrom("user", "assistant"), text: word })
        .map((segment) => ({ ...segment, byCaller: segment.role === "user" })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...named,
      kind: fc.constant("call.observed" as const),
      discriminator: orNull(fc.constantFrom("turn-1", "turn-2")),
      details: fc.constant(null),
    }),
  },
);

/**
 * Returns the version of an event's source. The version of a caller is its clock, so different statements of a caller
 * have different versions.
 */
export function sourceOfEvent(source: keyof typeof SOURCE, facts: CallFacts, event: CallEvent): string {
  if (source !== "caller") return SOURCE[source];
  const digest = sha256(canonicalJson([{ ...facts }, JSON.stringify(event)])).slice(0, 16);
  return SOURCE.caller + Array.from(digest, (letter) => letter.charCodeAt(0) % 10).join("");
}

export const eventSource = fc.constantFrom<keyof typeof SOURCE>(
  "provider",
  "provider",
  "provider",
  "provider",
  "caller",
  "adopted",
);

/** Draws facts from the given ids and numbers, so that a test can register some of them. */
export function callFacts(known: {
  readonly agentIds: readonly string[];
  readonly phoneNumberIds: readonly string[];
  readonly ourNumbers: readonly string[];
}): fc.Arbitrary<CallFacts> {
  const also = (names: readonly string[]) => fc.uniqueArray(fc.constantFrom(...names), { maxLength: 2 });
  const alsoNamed = fc
    .tuple(also(known.agentIds), also(known.phoneNumberIds), also(known.ourNumbers))
    .map(([agentIds, phoneNumberIds, ourNumbers]) => ({ agentIds, phoneNumberIds, ourNumbers }));
  return fc.record({
    alsoNamed: orNull(alsoNamed),
    providerAgentId: orNull(fc.constantFrom(...known.agentIds)),
    providerPhoneNumberId: orNull(fc.constantFrom(...known.phoneNumberIds)),
    ourNumber: orNull(fc.constantFrom(...known.ourNumbers)),
    customerNumber: orNull(
      fc.constantFrom("+12025550143", "(202) 555-0162", "0", "+266696687", "sip:ä@x", "anonymous"),
    ),
    customerName: orNull(fc.constantFrom("\uffee", "\u{1f4de}")),
    forwardedTo: orNull(fc.constantFrom("+12025550177", "sip:desk@pbx.test")),
    forwardedAt: fc.constantFrom(null, null, null, null, START, START + 1_500),
    carrierCallId: orNull(fc.constantFrom("CA1", "ca2")),
    direction: fc.constantFrom(...DIRECTIONS),
  });
}
