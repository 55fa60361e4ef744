import type { Json, Report } from "@call-ledger/domain";
import { boundedDollars, boundedSeconds, boundedText, SILENT_REPORT } from "@call-ledger/domain";
import { isObject } from "../common/json-body.ts";
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
    summary: textOf(wire.analysis?.summary) ?? textOf(wire.summary) ?? summaryAmongOutputs(wire),
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

/** A structured output that is called a summary and is a text, as Vapi recommends in place of its analysis. */
function summaryAmongOutputs({ artifact }: WireReport): string | null {
  const summaries = Object.values(artifact.structuredOutputs ?? {}).flatMap((output) => {
    const isSummary = isObject(output) && typeof output.name === "string" && /\bsummary\b/i.test(output.name);
    return isSummary ? (textOf(output.result) ?? []) : [];
  });
  return summaries[0] ?? null;
}

/** A text that is not blank, else `null`. */
function textOf(value: unknown): string | null {
  const text = boundedText(value);
  return text === null || text.trim() === "" ? null : text;
}

/** Whole seconds; not in the published types, on the wire in up to three units. */
function durationOf({ durationSeconds, durationMs, durationMinutes }: WireReport): number | null {
  const fromMs = durationMs === null ? null : durationMs / 1000;
  const fromMinutes = durationMinutes === null ? null : durationMinutes * 60;
  return boundedSeconds(durationSeconds) ?? boundedSeconds(fromMs) ?? boundedSeconds(fromMinutes);
}
