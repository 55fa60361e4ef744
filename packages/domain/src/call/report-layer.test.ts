import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { report, sha256 } from "../testing/index.ts";
import type { Json } from "../text/json.ts";
import type { Report } from "./call-event.ts";
import { SILENT_REPORT } from "./call-event.ts";
import { completeness, factsInList, keysOf, partsOf, reportFields, saysUnder } from "./report-fields.ts";
import type { ReportLayer } from "./report-layer.ts";
import { documentValue, mergeReports, NO_REPORT, reportLayerOf } from "./report-layer.ts";
import { reportVersion } from "./report-version.ts";

const RUNS = { numRuns: 2_000 };

const objectOf = (value: Json | null) => Object.fromEntries(partsOf(value) ?? []);
const listOf = (value: Json | null): readonly Json[] => (Array.isArray(value) ? value : []);

describe("of two reports of one source", () => {
  const layerOf = (one: Report) => reportLayerOf(one, reportVersion(one, sha256));
  const tally = new Map<string, number>();
  const count = (branch: string, happened: boolean) =>
    tally.set(branch, (tally.get(branch) ?? 0) + Number(happened));
  afterAll(() => {
    process.stdout.write(`reports that were compared: ${JSON.stringify(Object.fromEntries(tally))}\n`);
    for (const [branch, times] of tally) expect(times, branch).toBeGreaterThan(0);
  });

  /** Expects, in either order, the winner's value in each field and part that it has, and else the other's value. */
  function expectToStand(winner: Report, other: Report): void {
    const [said, lesser] = [reportFields(winner), reportFields(other)];
    for (const merged of [
      mergeReports(layerOf(winner), layerOf(other)),
      mergeReports(layerOf(other), layerOf(winner)),
    ]) {
      for (const field of ["transcript", "summary", "startedAt", "endedAt", "forwardedTo"] as const) {
        expect(merged[field]?.value ?? null, field).toEqual(said[field] ?? lesser[field]);
      }
      expect(merged.messages?.value ?? null).toEqual(fuller(said.messages, lesser.messages));
      expect(merged.recordingUrl?.value ?? null).toBe(said.recordingUrl ?? lesser.recordingUrl);
      const cost = said.costUsd === 0 ? (lesser.costUsd ?? 0) : (said.costUsd ?? lesser.costUsd);
      expect(merged.costUsd?.value ?? null).toBe(cost);
      const isUncertain = said.durationSeconds === 0 && winner.source !== "adopted";
      const duration = (isUncertain ? lesser.durationSeconds : null) ?? said.durationSeconds;
      expect(merged.durationSeconds?.value ?? null).toBe(duration ?? lesser.durationSeconds);
      if (said.ending !== null && said.ending.outcome !== "unknown") {
        expect(merged.ending?.value).toEqual(said.ending);
      }
      expect(documentValue(merged.analysis)).toEqual(joined(said.analysis, lesser.analysis));
      expect(documentValue(merged.details)).toEqual(joined(said.details, lesser.details));
    }
  }

  /** The winner's value, unless the other is a list with more facts. */
  function fuller(won: Json | null, lost: Json | null): Json | null {
    return factsInList(lost) > factsInList(won) ? lost : (won ?? lost);
  }

  function joined(winner: Json | null, loser: Json | null): Json | null {
    const [won, lost] = [objectOf(winner), objectOf(loser)];
    const parts = Object.entries({ ...lost, ...won }).map(([name, part]) => [
      name,
      joinedKeys(name, part, lost[name] ?? null),
    ]);
    return parts.length > 0 ? Object.fromEntries(parts) : fuller(winner, loser);
  }

  function joinedKeys(part: string, winner: Json, loser: Json | null): Json {
    const lost = loser === null ? null : keysOf(part, loser);
    const won = keysOf(part, winner);
    if (lost === null) return won === null ? (fuller(winner, loser) ?? winner) : winner;
    if (won === null) return loser ?? winner;
    const keys = new Map(lost);
    for (const [key, value] of won) {
      const other = keys.get(key) ?? null;
      const isOthers = other !== null && saysUnder(part, other) && !saysUnder(part, value);
      if (!isOthers) keys.set(key, value);
    }
    return Object.fromEntries(keys);
  }

  test("the more complete one wins each field that it has; the other keeps the rest", () => {
    fc.assert(
      fc.property(report, report, (a, b) => {
        const other: Report = { ...b, source: a.source };
        if (completeness(a) === completeness(other)) return;
        const [winner, loser] = completeness(a) > completeness(other) ? [a, other] : [other, a];
        expectToStand(winner, loser);
        count("the loser was revised later", (loser.revisedAt ?? 0) > (winner.revisedAt ?? 0));
        count("the loser alone has a transcript", winner.transcript === null && loser.transcript === "a");
        count("the loser alone has a start", winner.startedAt === null && loser.startedAt !== null);
        count("both have a cost of their own", (winner.costUsd ?? 0) > 0 && (loser.costUsd ?? 0) > 0);
      }),
      RUNS,
    );
  });

  test("an additional field, part, message or cost wins before any hash is compared", () => {
    const additions: readonly ((of: Report) => Report)[] = [
      (of) => ({ ...of, transcript: "a transcript" }),
      (of) => ({ ...of, messages: [...listOf(of.messages), { role: "user" }] }),
      (of) => ({ ...of, analysis: { ...objectOf(of.analysis), more: true } }),
      (of) => ({ ...of, costBreakdown: { ...objectOf(of.costBreakdown), llm: 1 } }),
    ];
    fc.assert(
      fc.property(report, fc.constantFrom(...additions), (some, add) => {
        const messages = listOf(some.messages);
        const costBreakdown = objectOf(some.costBreakdown);
        const less: Report = {
          ...some,
          transcript: null,
          messages,
          analysis: objectOf(some.analysis),
          costBreakdown,
        };
        const more = add(less);
        expectToStand(more, less);
        count("more of one field, as many fields", completeness(more) === completeness(less));
      }),
      RUNS,
    );
  });

  test("a preliminary and a final one give the final values, in either order", () => {
    const pair = fc.tuple(report, report, fc.integer({ min: 1, max: 1_000_000 }), fc.boolean());
    fc.assert(
      fc.property(pair, ([preliminary, corrections, laterMs, isRevised]) => {
        const final = correctedBy(preliminary, corrections);
        const revisedAt = (preliminary.revisedAt ?? Date.UTC(2026, 2, 12)) + laterMs;
        const more: Report = isRevised
          ? { ...final, revisedAt }
          : { ...final, analysis: { ...objectOf(preliminary.analysis), final: true, reviewed: true } };
        if (completeness(more) < completeness(preliminary)) return;
        if (!isRevised && completeness(more) === completeness(preliminary)) return;
        expectToStand(more, preliminary);
        count("revised later, as complete", isRevised && completeness(more) === completeness(preliminary));
        count("more complete, not revised", !isRevised);
        count(
          "shorter when it is final",
          (more.transcript?.length ?? 9) < (preliminary.transcript?.length ?? 0),
        );
      }),
      RUNS,
    );
  });

  test.each([
    ["structuredOutputs", { a: { name: "Mood", result: "good" } }, { b: { name: "Budget", result: 9 } }],
    ["structuredData", { name: "Maria" }, { day: "Monday" }],
    ["scorecards", { a: { name: "Tone", score: 0 } }, { b: { name: "Facts", score: 90 } }],
    ["variableValues", { city: "Bern" }, { plan: "gold" }],
    ["metadata", { lead: 7 }, { campaign: "spring" }],
    ["customer", { externalId: "crm-9" }, { email: "maria@example.test" }],
  ])("each key of %s stays known", (part, some, others) => {
    const field = /^structured/.test(part) ? "analysis" : "details";
    const layers = [some, others].map((value, more) =>
      layerOf({ ...SILENT_REPORT, costUsd: more, [field]: { [part]: value } }),
    );
    const [a = NO_REPORT, b = NO_REPORT] = layers;
    const both = { [part]: { ...some, ...others } };
    expect(documentValue(mergeReports(a, b)[field])).toEqual(both);
    expect(documentValue(mergeReports(b, a)[field])).toEqual(both);
  });

  test.each<[string, Json, Json]>([
    ["structuredOutputs", { name: "Mood", result: "good" }, { name: "Mood", result: null }],
    ["structuredOutputs", { name: "Mood", result: false }, { name: "Mood" }],
    ["scorecards", { name: "Tone", score: 0 }, { name: "Tone", score: null }],
    ["structuredData", "Maria", null],
    ["structuredData", "Maria", " N/A "],
    ["structuredData", ["Monday"], []],
  ])("under a key of %s the fuller report's lack of a value erases none", (part, known, lacking) => {
    const less = layerOf({ ...SILENT_REPORT, analysis: { [part]: { key: known } } });
    const more = layerOf({ ...SILENT_REPORT, transcript: "t", analysis: { [part]: { key: lacking } } });
    expect(documentValue(mergeReports(less, more).analysis)).toEqual({ [part]: { key: known } });
    expect(documentValue(mergeReports(more, less).analysis)).toEqual({ [part]: { key: known } });
  });

  test.each<[string, (list: Json) => Partial<Report>, (of: ReportLayer) => Json | null]>([
    ["messages", (messages) => ({ messages }), (of) => of.messages?.value ?? null],
    ["costs", (costBreakdown) => ({ costBreakdown }), (of) => documentValue(of.costBreakdown)],
    ...["transfers", "scorecards", "assistantActivations", "toolCalls"].map(
      (part) =>
        [
          part,
          (list: Json) => ({ details: { [part]: list } }),
          (of: ReportLayer) => objectOf(documentValue(of.details))[part] ?? null,
        ] as [string, (list: Json) => Partial<Report>, (of: ReportLayer) => Json | null],
    ),
  ])("a poorer list of %s in a fuller or later report erases none", (_name, fields, listIn) => {
    const list = [
      { name: "a", cost: 1 },
      { name: "b", cost: 2 },
    ];
    const poorer: Json[] = [[{ name: "a", cost: 1 }], list.map(({ name }) => ({ name, cost: 0 }))];
    for (const [place, lacking] of poorer.entries()) {
      const less = layerOf({ ...SILENT_REPORT, ...fields(list) });
      const more = layerOf({ ...SILENT_REPORT, transcript: "t", revisedAt: place + 1, ...fields(lacking) });
      expect(listIn(mergeReports(less, more))).toEqual(list);
      expect(listIn(mergeReports(more, less))).toEqual(list);
    }
  });

  test("a destination is one fact, so no two are mixed", () => {
    const number = { type: "number", number: "+12025550188", description: "Dr. Chen" };
    const sip = { type: "sip", sipUri: "sip:desk@pbx.test" };
    const less = layerOf({ ...SILENT_REPORT, details: { destination: number } });
    const more = layerOf({ ...SILENT_REPORT, transcript: "t", details: { destination: sip } });
    expect(documentValue(mergeReports(more, less).details)).toEqual({ destination: sip });
  });

  /** Returns a report that has the same fields with other values. */
  function correctedBy(preliminary: Report, corrections: Report): Report {
    const corrected = Object.entries(preliminary).map(([field, value]) => {
      const other = Object.entries(corrections).find(([name]) => name === field)?.[1];
      return [field, value === null || field === "source" ? value : (other ?? value)];
    });
    return { ...preliminary, ...Object.fromEntries(corrected), recordings: preliminary.recordings };
  }
});
