import { compareBytes } from "../text/byte-order.ts";
import type { CallEvent, Instant, Report } from "./call-event.ts";
import type { Phase } from "./phase.ts";
import { laterPhase } from "./phase.ts";
import type { ReportFields } from "./report-fields.ts";
import { reportFields } from "./report-fields.ts";
import { SOURCE, sourceOf } from "./versioned.ts";

/**
 * The part of a provider's call that the ledger lacks: the whole call, its end, its report, fields of its report, or
 * its latest phase.
 */
export const LACKED_PARTS = ["call", "end", "report", "fields", "progress"] as const;
export type LackedPart = (typeof LACKED_PARTS)[number];

/** The fields of a report for which only presence is compared. `COMPARED_VALUES` are compared by value. */
export const COMPARED_FIELDS = ["transcript", "messages", "summary", "analysis", "recording"] as const;
export type ComparedField = (typeof COMPARED_FIELDS)[number];

const COMPARED_VALUES = ["costUsd", "startedAt", "endedAt", "endedReason"] as const;

/** The compared facts of a call, as the ledger has them. */
export type KnownCall = {
  readonly phase: Phase | null;
  /** `null`: no report was booked. */
  readonly report: KnownReport | null;
};

export type KnownReport = {
  readonly version: string;
  readonly has: readonly ComparedField[];
  /** Dollars. */
  readonly costUsd: number | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly endedReason: string | null;
};

/** An event and the version of its report. The version is `null` for an event of another kind. */
type ToCompare = { readonly event: CallEvent; readonly reportVersion: string | null };

/** Returns the part of an event that the ledger lacks, or `null`. `known` is `null` if the ledger lacks the call. */
export function lackedPart({ event, reportVersion }: ToCompare, known: KnownCall | null): LackedPart | null {
  if (event.kind === "call.reported") {
    if (known === null) return "call";
    if (known.report === null) return known.phase === "ended" ? "report" : "end";
    if (sourceOf(known.report.version) === SOURCE.early) return "report";
    return saysMore(event.report, event.sources.length > 0, reportVersion ?? "", known.report)
      ? "fields"
      : null;
  }
  if (event.kind !== "call.progressed") return null;
  if (known === null) return "call";
  return laterPhase(known.phase, event.phase) === known.phase ? null : "progress";
}

/** Returns whether a merge with the report would change a compared field, or whether the report was revised later. */
function saysMore(report: Report, hasSource: boolean, version: string, known: KnownReport): boolean {
  const fields = reportFields(report);
  const has: Record<ComparedField, boolean> = {
    transcript: fields.transcript !== null,
    messages: fields.messages !== null,
    summary: fields.summary !== null,
    analysis: fields.analysis !== null,
    recording: fields.recordingUrl !== null || hasSource,
  };
  if (COMPARED_FIELDS.some((field) => has[field] && !known.has.includes(field))) return true;
  const values = valuesOf(fields);
  const isNew = (name: (typeof COMPARED_VALUES)[number]) =>
    values[name] !== null && values[name] !== known[name];
  if (isNew("costUsd") && fields.costUsd !== 0 && (known.costUsd ?? 0) === 0) return true;
  if (COMPARED_VALUES.some((name) => isNew(name) && known[name] === null)) return true;
  if (compareBytes(version, known.version) <= 0) return false;
  return COMPARED_VALUES.some(isNew) || revisionIn(version) > revisionIn(known.version);
}

function valuesOf({ costUsd, startedAt, endedAt, ending }: ReportFields) {
  return { costUsd, startedAt, endedAt, endedReason: ending?.reason ?? null };
}

/** The time of revision in a version, in milliseconds. `reportVersion` defines the format. */
function revisionIn(version: string): number {
  return Number(version.slice(4, 17));
}
