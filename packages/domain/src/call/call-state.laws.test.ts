import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventId } from "../delivery/event-id.ts";
import { callEvent, callFacts, eventSource, sha256, sourceOfEvent } from "../testing/index.ts";
import { compareBytes } from "../text/byte-order.ts";
import type { BookableEvent, CallState } from "./call-state.ts";
import { mergeStates, stateOf } from "./call-state.ts";
import { PHASES } from "./phase.ts";
import { factsInList, saysUnder } from "./report-fields.ts";
import type { Document, ReportLayer } from "./report-layer.ts";
import { documentValue } from "./report-layer.ts";
import { summarize } from "./summary.ts";

const facts = callFacts({ agentIds: ["asst-1"], phoneNumberIds: ["num-1"], ourNumbers: ["+12025550100"] });

const bookable: fc.Arbitrary<BookableEvent> = fc
  .record({
    accountId: fc.constantFrom(
      "00000000-0000-4000-8000-000000000001",
      "aaaaaaaa-0000-4000-8000-000000000001",
    ),
    facts,
    agent: fc.option(
      fc.record({
        agentId: fc.constantFrom("a1", "b2"),
        evidence: fc.constantFrom("byId" as const, "byNumber" as const),
      }),
      { nil: null },
    ),
    event: callEvent,
    source: eventSource,
  })
  .map((drawn) => ({ ...drawn, source: sourceOfEvent(drawn.source, drawn.facts, drawn.event) }));

const state = bookable.map((event) => stateOf(event, sha256));
const fold = (states: readonly CallState[]) => states.reduce(mergeStates);
const RUNS = { numRuns: 2_000 };

describe("the merge is a join", () => {
  test("commutative", () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        expect(mergeStates(a, b)).toEqual(mergeStates(b, a));
      }),
      RUNS,
    );
  });

  test("associative", () => {
    fc.assert(
      fc.property(state, state, state, (a, b, c) => {
        expect(mergeStates(mergeStates(a, b), c)).toEqual(mergeStates(a, mergeStates(b, c)));
      }),
      RUNS,
    );
  });

  test("idempotent", () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        const once = mergeStates(a, b);
        expect(mergeStates(once, a)).toEqual(once);
        expect(mergeStates(a, a)).toEqual(a);
      }),
      RUNS,
    );
  });

  test("any order, repetition and grouping of a call's events gives the same rows", () => {
    const events = fc.array(state, { minLength: 2, maxLength: 8 });
    const shuffled = events.chain((states) =>
      fc.tuple(
        fc.constant(states),
        fc.shuffledSubarray(states, { minLength: states.length }),
        fc.subarray(states),
        fc.nat(states.length - 1),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([states, order, again, cut]) => {
        const left = order.slice(0, cut + 1);
        const right = [...order.slice(cut + 1), ...again];
        const split = right.length === 0 ? fold(left) : mergeStates(fold(left), fold(right));
        expect(split).toEqual(fold(states));
        expect(summarize(split.live, split.report, {})).toEqual(
          summarize(fold(states).live, fold(states).report, {}),
        );
      }),
      RUNS,
    );
  });
});

describe("no event removes a known fact", () => {
  const rank = (s: CallState) => (s.live.phase === null ? -1 : PHASES.indexOf(s.live.phase));
  const parts = (layer: ReportLayer) =>
    (["analysis", "costBreakdown", "details"] as const).flatMap((field) => namesIn(layer[field], [field]));
  const namesIn = ({ parts }: Document, path: readonly string[]): string[] =>
    Object.entries(parts).flatMap(([name, part]) => {
      const value = documentValue(part);
      const says = path.length < 2 || (value !== null && saysUnder(path[1] ?? "", value));
      return [...(says ? [JSON.stringify([...path, name])] : []), ...namesIn(part, [...path, name])];
    });

  test("phase and report version never decrease, and a known field, part or key stays known", () => {
    fc.assert(
      fc.property(state, state, (a, b) => {
        const merged = mergeStates(a, b);
        expect(rank(merged)).toBe(Math.max(rank(a), rank(b)));
        expect(compareBytes(merged.report.version ?? "", a.report.version ?? "")).toBeGreaterThanOrEqual(0);
        for (const layer of ["live", "report"] as const) {
          for (const [field, value] of Object.entries(a[layer])) {
            if (value === null) continue;
            expect(Object.entries(merged[layer]).find(([name]) => name === field)?.[1]).not.toBeNull();
          }
        }
        expect(parts(merged.report)).toEqual(expect.arrayContaining(parts(a.report)));
        for (const field of ["analysis", "costBreakdown", "details"] as const) {
          if (documentValue(a.report[field]) !== null)
            expect(documentValue(merged.report[field])).not.toBeNull();
        }
        if ((a.report.costUsd?.value ?? 0) > 0) expect(merged.report.costUsd?.value).toBeGreaterThan(0);
        const outcome = a.report.ending?.value.outcome ?? "unknown";
        if (outcome !== "unknown") expect(merged.report.ending?.value.outcome).not.toBe("unknown");
      }),
      RUNS,
    );
  });
});

describe("a list with more facts stays", () => {
  const LISTS = ["messages", "transfers", "structuredDataMulti"] as const;
  const listsIn = ({ report }: CallState) =>
    [
      report.messages,
      ...LISTS.flatMap((name) => [report.details.parts[name], report.analysis.parts[name]]),
    ].map((one) => (one !== null && one !== undefined && "whole" in one ? one.whole : (one ?? null)));
  const provided = state.filter(({ report }) => report.version?.startsWith("p") === true);

  test("no report of a provider replaces a list by one with fewer facts, in any order", () => {
    let poorer = 0;
    fc.assert(
      fc.property(provided, provided, (a, b) => {
        for (const [one, other] of [
          [a, b],
          [b, a],
        ] as const) {
          const merged = listsIn(mergeStates(one, other));
          for (const [place, list] of listsIn(one).entries()) {
            const rival = listsIn(other)[place];
            const facts = list === null ? 0 : factsInList(list.value);
            expect(
              merged[place] === null ? 0 : factsInList(merged[place]?.value ?? null),
            ).toBeGreaterThanOrEqual(facts);
            if (rival && list && rival.version > list.version && factsInList(rival.value) < facts)
              poorer += 1;
          }
        }
      }),
      RUNS,
    );
    expect(poorer).toBeGreaterThan(50);
  });
});

describe("equal event ids mean equal effects", () => {
  const origin = { provider: "p", accountId: "acc", providerCallId: "call" };

  test("events with equal ids have equal effects", () => {
    const seen = new Map<string, string>();
    let repeats = 0;
    fc.assert(
      fc.property(facts, callEvent, (someFacts, event) => {
        const id = eventId(origin, someFacts, event, sha256);
        const effect = JSON.stringify(
          stateOf(
            {
              accountId: "acc",
              facts: someFacts,
              agent: { agentId: "x", evidence: "byId" },
              event,
              source: "p",
            },
            sha256,
          ),
        );
        const known = seen.get(id);
        if (known !== undefined) {
          repeats += 1;
          expect(effect).toBe(known);
        }
        seen.set(id, effect);
      }),
      { numRuns: 30_000 },
    );
    expect(repeats).toBeGreaterThan(100);
  });

  test.each([
    ["provider", { ...origin, provider: "q" }],
    ["account", { ...origin, accountId: "other" }],
    ["call", { ...origin, providerCallId: "call2" }],
  ])("another %s is another id", (_what, other) => {
    const [[someFacts, event]] = fc.sample(fc.tuple(facts, callEvent), { numRuns: 1, seed: 7 }) as [
      [Parameters<typeof eventId>[1], Parameters<typeof eventId>[2]],
    ];
    expect(eventId(other, someFacts, event, sha256)).not.toBe(eventId(origin, someFacts, event, sha256));
  });
});
