import { describe, expect, test } from "vitest";
import { sha256 } from "../testing/sha256.digest.ts";
import type { CallEvent, Report } from "./call-event.ts";
import { SILENT_REPORT } from "./call-event.ts";
import type { KnownCall } from "./lacked-part.ts";
import { lackedPart } from "./lacked-part.ts";
import { reportVersion } from "./report-version.ts";

const ENDED_AT = Date.UTC(2026, 8, 14);
const said = { type: "t", occurredAt: null };

const REPORT: Report = {
  ...SILENT_REPORT,
  source: "reconcile",
  revisedAt: ENDED_AT,
  transcript: "AI: Hello",
  messages: [{ role: "bot" }],
  summary: "A greeting",
  analysis: { successEvaluation: "true" },
  costUsd: 0.12,
  startedAt: ENDED_AT - 60_000,
  endedAt: ENDED_AT,
  ending: { reason: "customer-ended-call", outcome: "completed" },
  recordings: [{ channel: "mono", url: "https://r.test/a" }],
};

const fetched = (changes: Partial<Report> = {}) => {
  const report = { ...REPORT, ...changes };
  const event: CallEvent = { ...said, kind: "call.reported", report, sources: [] };
  return { event, reportVersion: reportVersion(report, sha256) };
};

/** The call in the ledger after a webhook delivered the same report. */
const KNOWN: KnownCall = {
  phase: "ended",
  report: {
    version: reportVersion({ ...REPORT, source: "webhook" }, sha256),
    has: ["transcript", "messages", "summary", "analysis", "recording"],
    costUsd: 0.12,
    startedAt: ENDED_AT - 60_000,
    endedAt: ENDED_AT,
    endedReason: "customer-ended-call",
  },
};
const knowing = (changes: Partial<KnownCall["report"]>): KnownCall =>
  KNOWN.report === null ? KNOWN : { ...KNOWN, report: { ...KNOWN.report, ...changes } };

describe("the ledger, compared with a call that has ended,", () => {
  test.each([
    ["call", null],
    ["end", { phase: "in_progress", report: null }],
    ["end", { phase: null, report: null }],
    ["report", { phase: "ended", report: null }],
    ["report", knowing({ version: reportVersion({ ...REPORT, source: "early" }, sha256) })],
    [null, KNOWN],
  ] as const)("lacks %s", (lack, known) => {
    expect(lackedPart(fetched(), known)).toBe(lack);
  });

  test.each(["transcript", "messages", "summary", "analysis", "recording"] as const)(
    "lacks its %s",
    (field) => {
      const has = (KNOWN.report?.has ?? []).filter((name) => name !== field);
      expect(lackedPart(fetched(), knowing({ has }))).toBe("fields");
    },
  );

  test("lacks a recording that only the API has", () => {
    const { event, reportVersion: version } = fetched({ recordings: [] });
    const sources = [{ channel: "mono" as const, url: null, expiresAt: null }];
    const asked = event.kind === "call.reported" ? { ...event, sources } : event;
    expect(
      lackedPart(
        { event: asked, reportVersion: version },
        knowing({ has: KNOWN.report?.has.slice(0, 4) ?? [] }),
      ),
    ).toBe("fields");
  });

  test.each([
    { costUsd: null },
    { costUsd: 0 },
    { costUsd: 0.04 },
    { startedAt: null },
    { endedReason: null },
  ])("lacks a value if it has another one: %o", (changes) => {
    expect(lackedPart(fetched(), knowing(changes))).toBe("fields");
  });

  test("lacks a later revision", () => {
    expect(lackedPart(fetched({ revisedAt: ENDED_AT + 1 }), KNOWN)).toBe("fields");
    expect(lackedPart(fetched({ revisedAt: ENDED_AT - 1 }), KNOWN)).toBeNull();
  });
});

test("the ledger lacks nothing of a copy that has less than the ledger", () => {
  const poor = { transcript: null, messages: null, summary: "", analysis: {}, costUsd: 0, recordings: [] };
  expect(lackedPart(fetched(poor), KNOWN)).toBeNull();
  expect(lackedPart(fetched({ ...poor, endedAt: ENDED_AT + 5 }), KNOWN)).toBeNull();
});

describe("the ledger, compared with a call that has not ended,", () => {
  const progressed = (phase: "ringing" | "in_progress") => ({
    event: { ...said, kind: "call.progressed", phase } as const,
    reportVersion: null,
  });

  test.each([
    ["call", null],
    ["progress", { phase: "ringing", report: null }],
    ["progress", { phase: null, report: null }],
    [null, { phase: "in_progress", report: null }],
    [null, { phase: "ended", report: null }],
    [null, KNOWN],
  ] as const)("lacks %s", (lack, known) => {
    expect(lackedPart(progressed("in_progress"), known)).toBe(lack);
  });
});

test("the ledger lacks nothing of an observation", () => {
  const event: CallEvent = { ...said, kind: "call.observed", discriminator: null, details: null };
  expect(lackedPart({ event, reportVersion: null }, null)).toBeNull();
});
