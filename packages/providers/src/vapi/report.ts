import type { Json, Report } from "@call-ledger/domain";
import {
  boundedDollars,
  boundedSeconds,
  boundedText,
  isList,
  isPlaceholder,
  SILENT_REPORT,
} from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject, parseObject } from "../common/json-body.ts";
import { endingOf } from "./ended-reason.outcome.ts";
import { destinationOf, transferredTo } from "./facts.ts";
import { askedTransferIn } from "./transfer-call.ts";
import { linesOf, turnsIn } from "./turns.ts";
import type { WireReport } from "./wire.fields.ts";
import { numberOf, withoutPlaceholder } from "./wire.fields.ts";

/**
 * Returns the report of an `end-of-call-report` without its recordings and details. It is the same in every delivery of
 * the report.
 */
export function reportOf(wire: WireReport): Report {
  const { artifact, endedAt } = wire;
  const messages = messagesOf(wire);
  const ending = endingOf(wire.endedReason);
  return {
    ...SILENT_REPORT,
    revisedAt: artifact.structuredOutputsLastUpdatedAt ?? wire.structuredOutputsLastUpdatedAt ?? endedAt,
    transcript: textOf(linesOf(artifact.transcript)) ?? textOf(linesOf(wire.transcript)),
    messages,
    summary: textOf(wire.analysis?.summary) ?? textOf(wire.summary) ?? summaryAmongOutputs(wire),
    analysis: analysisOf(wire),
    costUsd: costOf(wire),
    costBreakdown: breakdownOf(wire),
    startedAt: wire.startedAt,
    endedAt,
    ending,
    durationSeconds: durationOf(wire),
    forwardedTo:
      destinationOf(wire.destination) ??
      wire.forwardedPhoneNumber ??
      transferredTo([...wire.transfers, ...artifact.transfers]) ??
      (ending?.outcome === "forwarded" ? askedTransferIn(messages) : null),
  };
}

/** The list names each part's model and counts, which the breakdown lacks, and becomes one of its parts. */
function breakdownOf({ costBreakdown, costs }: WireReport): Json | null {
  return isObject(costBreakdown) && costs !== null ? { ...costBreakdown, costs } : (costBreakdown ?? costs);
}

/** Returns the cost, else the total of its parts. A cost of 0 may not be computed yet. */
function costOf({ cost, costBreakdown, costs }: WireReport): number | null {
  const total = isObject(costBreakdown)
    ? (numberOf(costBreakdown.total) ?? sumOf(costs))
    : sumOf(costBreakdown ?? costs);
  return boundedDollars((cost ?? 0) === 0 && (total ?? 0) > 0 ? total : cost);
}

/** Returns the total in dollars. */
function sumOf(costs: WireReport["costs"]): number | null {
  if (costs === null || typeof costs !== "object" || !isList(costs)) return null;
  const amounts = costs.map((one) => (isObject(one) ? (numberOf(one.cost) ?? 0) : 0));
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

/**
 * Both lists are the same conversation; the list in OpenAI's form lacks times. A transcript may itself be a list of
 * turns.
 */
function messagesOf(wire: WireReport): Json | null {
  const { artifact } = wire;
  return (
    artifact.messages ??
    wire.messages ??
    artifact.messagesOpenAIFormatted ??
    wire.messagesOpenAIFormatted ??
    turnsIn(artifact.transcript) ??
    turnsIn(wire.transcript)
  );
}

/** Returns the call's analysis with the structured outputs that replace it. */
function analysisOf(wire: WireReport): Json | null {
  const analysis = analysisPartsOf(wire);
  const structuredOutputs = outputsOf(wire);
  if (structuredOutputs === null) return analysis;
  const evaluation = analysis?.successEvaluation ?? resultNamed(structuredOutputs, SUCCESS);
  const evaluated = evaluation === undefined ? {} : { successEvaluation: evaluation };
  return { ...analysis, ...evaluated, structuredOutputs };
}

function analysisPartsOf({ analysis, structuredData, structuredDataMulti, successEvaluation }: WireReport) {
  const beside = { structuredData, structuredDataMulti, successEvaluation };
  const parts = Object.entries(beside).filter(
    (part): part is [string, Json] => part[1] !== undefined && part[1] !== null,
  );
  if (analysis === null && parts.length === 0) return null;
  return withoutPlaceholders({ ...Object.fromEntries(parts), ...analysis });
}

/** Returns the parts of an analysis that are no words instead of a result. An object may come as the JSON of one. */
function withoutPlaceholders(analysis: JsonObject): JsonObject {
  const known = Object.entries(analysis).filter(
    ([, part]) => typeof part !== "string" || !isPlaceholder(part),
  );
  return Object.fromEntries(
    known.map(([name, part]) => [name, (typeof part === "string" ? parseObject(part) : null) ?? part]),
  );
}

function outputsOf({ artifact, structuredOutputs }: WireReport): JsonObject | null {
  if (artifact.structuredOutputs === null) return structuredOutputs;
  return { ...structuredOutputs, ...artifact.structuredOutputs };
}

const SUMMARY = /(?:^|[^a-z])summary(?![a-z])/i;
const SUCCESS = /(?:^|[^a-z])success[ _-]?evaluation(?![a-z])/i;

/** Returns whether a name contains such a word: `Call Summary`, `call_summary` or `callSummary`. */
function isCalled(name: string, word: RegExp): boolean {
  return word.test(name.replace(/([a-z])([A-Z])/g, "$1 $2"));
}

/** No assistant has as many outputs. */
const MAX_OUTPUTS = 200;

/** Returns the results of the first structured outputs by name. An object may come as the JSON of one. */
function resultsOf(outputs: JsonObject): (readonly [name: string, result: Json])[] {
  const keys = Object.keys(outputs).slice(0, MAX_OUTPUTS);
  return keys.map((key) => {
    const output = outputs[key] ?? null;
    const { name = key, result = null } = isObject(output) ? output : { result: output };
    const document = typeof result === "string" ? parseObject(result) : null;
    return [typeof name === "string" ? name : key, document ?? result];
  });
}

/** Returns the result of the first structured output that has such a name and a result. */
function resultNamed(outputs: JsonObject, name: RegExp): Json | undefined {
  return resultsOf(outputs).find(([called, result]) => result !== null && isCalled(called, name))?.[1];
}

/**
 * Returns the summary among the structured outputs, which Vapi recommends instead of its analysis: an output with
 * "summary" in its name that is a text or an object with one, else the summary of the call inside of any other output.
 */
function summaryAmongOutputs(wire: WireReport): string | null {
  const outputs = outputsOf(wire) ?? {};
  const result = resultNamed(outputs, SUMMARY);
  if (result !== undefined) return isObject(result) ? textNamed(result, SUMMARY) : textOf(result);
  return resultsOf(outputs).reduce<string | null>(
    (found, [, inner]) => found ?? (isObject(inner) ? textNamed(inner, SUMMARY_OF_CALL) : null),
    null,
  );
}

/** Not `order_summary`, which is about a part of the call. */
const SUMMARY_OF_CALL = /^(?:(?:post[ _-]?)?call[ _-]?|conversation[ _-]?)?summary$/i;

function textNamed(result: JsonObject, name: RegExp): string | null {
  return Object.entries(result).reduce<string | null>(
    (found, [key, value]) => found ?? (isCalled(key, name) ? textOf(value) : null),
    null,
  );
}

/** Returns a text that is not blank and no placeholder, else `null`. A list of texts gives a line for each. */
function textOf(value: unknown): string | null {
  const isLines = Array.isArray(value) && value.every((line) => typeof line === "string");
  const text = boundedText(isLines ? value.join("\n") : value);
  return text === null || text.trim() === "" ? null : withoutPlaceholder(text);
}

/** Returns whole seconds. The duration is not in the published types, and comes in up to three units. */
function durationOf({ durationSeconds, durationMs, durationMinutes, duration }: WireReport): number | null {
  const fromMs = durationMs === null ? null : durationMs / 1000;
  const fromMinutes = durationMinutes === null ? null : durationMinutes * 60;
  return (
    boundedSeconds(durationSeconds) ??
    boundedSeconds(fromMs) ??
    boundedSeconds(fromMinutes) ??
    boundedSeconds(duration)
  );
}
