import type { Json, Report } from "@call-ledger/domain";
import { boundedDollars, boundedSeconds, boundedText, SILENT_REPORT } from "@call-ledger/domain";
import { endingOf } from "./ended-reason.outcome.ts";
import { recordingsOf } from "./recordings.ts";
import type { WireReport } from "./wire.schema.ts";

/** The report of an `end-of-call-report`; nothing in it changes from one delivery of it to the next. */
export function reportOf(wire: WireReport): Report {
  const { artifact, endedAt } = wire;
  return {
    ...SILENT_REPORT,
    revisedAt: artifact.structuredOutputsLastUpdatedAt ?? endedAt,
    transcript: artifact.transcript ?? wire.transcript,
    messages: artifact.messages ?? wire.messages,
    summary: boundedText(wire.analysis?.summary) ?? wire.summary,
    analysis: analysisOf(wire),
    costUsd: boundedDollars(wire.cost),
    costBreakdown: wire.costBreakdown ?? wire.costs,
    startedAt: wire.startedAt,
    endedAt,
    ending: endingOf(wire.endedReason),
    durationSeconds: durationOf(wire),
    recordings: recordingsOf(wire).links,
  };
}

/** The call's analysis, and beside it the structured outputs that replace it. */
function analysisOf({ analysis, artifact }: WireReport): Json | null {
  const { structuredOutputs } = artifact;
  return structuredOutputs === null ? analysis : { ...analysis, structuredOutputs };
}

/** Whole seconds; not in the published types, on the wire in up to three units. */
function durationOf({ durationSeconds, durationMs, durationMinutes }: WireReport): number | null {
  const fromMs = durationMs === null ? null : durationMs / 1000;
  const fromMinutes = durationMinutes === null ? null : durationMinutes * 60;
  return boundedSeconds(durationSeconds) ?? boundedSeconds(fromMs) ?? boundedSeconds(fromMinutes);
}
