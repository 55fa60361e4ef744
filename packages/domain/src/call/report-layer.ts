import { compareBytes, greaterText } from "../text/byte-order.ts";
import type { Json } from "../text/json.ts";
import type { Instant, Report } from "./call-event.ts";
import type { Ending } from "./outcome.ts";

/** A part of the report layer, and the version of the report that it was taken from. */
type Section<T> = { readonly version: string; readonly value: T };

type Conversation = { readonly transcript: string | null; readonly messages: Json | null };
type Analysis = { readonly summary: string | null; readonly analysis: Json | null };
type Cost = { readonly costUsd: number | null; readonly costBreakdown: Json | null };
type Times = {
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly ending: Ending | null;
  readonly durationSeconds: number | null;
};

/**
 * The best of all end-of-call documents of a call: the row of `call_logs`.
 * Each section comes from the greatest version that has it, so no report erases what another one knew.
 */
export type ReportLayer = {
  /** The greatest version seen, `null` before the first report. */
  readonly version: string | null;
  readonly conversation: Section<Conversation> | null;
  readonly analysis: Section<Analysis> | null;
  readonly cost: Section<Cost> | null;
  readonly times: Section<Times> | null;
  readonly recordingUrl: Section<string> | null;
};

export const NO_REPORT: ReportLayer = {
  version: null,
  conversation: null,
  analysis: null,
  cost: null,
  times: null,
  recordingUrl: null,
};

/** The contribution of one report; a section that says nothing is absent. */
export function reportLayerOf(report: Report, version: string): ReportLayer {
  const { transcript, messages, summary, analysis, costUsd, costBreakdown } = report;
  const { startedAt, endedAt, ending, durationSeconds } = report;
  const recordingUrl = recordingUrlOf(report);
  return {
    version,
    conversation: section(version, { transcript, messages }),
    analysis: section(version, { summary, analysis }),
    cost: section(version, { costUsd, costBreakdown }),
    times: section(version, { startedAt, endedAt, ending, durationSeconds }),
    recordingUrl: recordingUrl === null ? null : { version, value: recordingUrl },
  };
}

/** The recording that stands for a report's recordings: the mono one, else the first; `null` where it names none. */
export function recordingUrlOf({ recordings }: Report): string | null {
  const link = recordings.find(({ channel }) => channel === "mono") ?? recordings[0];
  return link?.url ?? null;
}

function section<T extends object>(version: string, value: T): Section<T> | null {
  return Object.values(value).some((part) => part !== null) ? { version, value } : null;
}

/** The join of two report layers: section by section, the greater version. */
export function mergeReports(a: ReportLayer, b: ReportLayer): ReportLayer {
  return {
    version: greaterText(a.version, b.version),
    conversation: greaterSection(a.conversation, b.conversation),
    analysis: greaterSection(a.analysis, b.analysis),
    cost: greaterSection(a.cost, b.cost),
    times: greaterSection(a.times, b.times),
    recordingUrl: greaterSection(a.recordingUrl, b.recordingUrl),
  };
}

function greaterSection<T>(a: Section<T> | null, b: Section<T> | null): Section<T> | null {
  if (a === null) return b;
  if (b === null) return a;
  return compareBytes(a.version, b.version) >= 0 ? a : b;
}
