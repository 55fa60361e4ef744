import type { Json } from "../text/json.ts";
import { isList } from "../text/json.ts";
import { isPlaceholder } from "../text/placeholder.ts";
import type { Report } from "./call-event.ts";

/**
 * The fields of a report. A blank text, an empty list and an empty object count as no value, `null`, and an object has
 * no empty parts. One URL stands for all recordings.
 */
export type ReportFields = Omit<Report, "source" | "revisedAt" | "recordings"> & {
  readonly recordingUrl: string | null;
};

export function reportFields(report: Report): ReportFields {
  const { callerTurns, costUsd, startedAt, endedAt, ending, durationSeconds, forwardedTo } = report;
  return {
    transcript: says(report.transcript) ? report.transcript : null,
    messages: says(report.messages) ? report.messages : null,
    callerTurns,
    summary: says(report.summary) ? report.summary : null,
    analysis: withoutSilence(report.analysis),
    costUsd,
    costBreakdown: withoutSilence(report.costBreakdown),
    startedAt,
    endedAt,
    ending,
    durationSeconds,
    forwardedTo,
    details: withoutSilence(report.details),
    recordingUrl: recordingUrlOf(report),
  };
}

/** The URL of the recording that represents a report's recordings: the mono one, else the first, else `null`. */
function recordingUrlOf({ recordings }: Report): string | null {
  const link = recordings.find(({ channel }) => channel === "mono") ?? recordings[0];
  return link?.url ?? null;
}

/** Returns the parts of an object, which are merged one by one; `null` for a value of another kind. */
export function partsOf(value: Json | null): readonly (readonly [string, Json])[] | null {
  return value === null || typeof value !== "object" || isList(value) ? null : Object.entries(value);
}

/**
 * Parts that hold facts of their own under each key, in the providers' words. They are merged key by key. Other
 * objects, such as a destination, are one fact.
 */
const PARTS_WITH_KEYS: ReadonlySet<string> = new Set([
  "structuredData",
  "structuredDataMulti",
  "structuredOutputs",
  "skippedStructuredOutputs",
  "scorecards",
  "variableValues",
  "metadata",
  "customer",
  "compliance",
  "transport",
  "performanceMetrics",
  "analysisCostBreakdown",
]);

/** The field of a key's object that holds the result. Without a result such an object says nothing. */
const RESULTS: ReadonlyMap<string, string> = new Map([
  ["structuredOutputs", "result"],
  ["scorecards", "score"],
]);

/** Returns the keys of a part that are merged one by one; `null` if the part is merged as a whole. */
export function keysOf(part: string, value: Json): readonly (readonly [string, Json])[] | null {
  const keys = PARTS_WITH_KEYS.has(part) ? partsOf(value) : null;
  return keys === null || keys.length === 0 ? null : keys;
}

/** Returns whether the value under a key of such a part says something: a result that is no word instead of a value. */
export function saysUnder(part: string, value: Json): boolean {
  const result = RESULTS.get(part);
  const inner = result === undefined ? null : partsOf(value);
  const said = inner === null ? value : (inner.find(([name]) => name === result)?.[1] ?? null);
  return says(said) && !(typeof said === "string" && isPlaceholder(said));
}

/** Returns a part that one report has in two places: its keys from both, and what `own` says rather than `other`. */
export function joinedPart(part: string, own: Json, other: Json | undefined): Json {
  const keys = keysOf(part, own);
  const others = other === undefined ? null : keysOf(part, other);
  if (keys === null || others === null) return own;
  return Object.fromEntries([...others, ...keys.filter(([, value]) => saysUnder(part, value))]);
}

/**
 * Counts the facts of a list: its texts, numbers and booleans at any depth, without empty texts and zeros. 0 for a
 * value of another kind.
 */
export function factsInList(value: Json | null): number {
  return value !== null && typeof value === "object" && isList(value) ? factsIn(value) : 0;
}

function factsIn(value: Json): number {
  if (value === null || value === "" || value === 0) return 0;
  if (typeof value !== "object") return 1;
  return Object.values(value).reduce<number>((sum, one) => sum + factsIn(one), 0);
}

/** Counts the fields of a report and the parts of its analysis, 0 to 99. A cost of 0 counts as unknown. */
export function completeness(report: Report): number {
  const { analysis, recordingUrl: _one, callerTurns: _derived, costUsd, ...others } = reportFields(report);
  const known = Object.values(others).filter((field) => field !== null).length;
  const parts = partsOf(analysis)?.length ?? Number(analysis !== null);
  return Math.min(99, known + parts + Number((costUsd ?? 0) > 0) + report.recordings.length);
}

function withoutSilence(value: Json | null): Json | null {
  const parts = partsOf(value);
  if (parts === null) return says(value) ? value : null;
  const kept = parts.filter(([, part]) => says(part));
  if (kept.length === parts.length && kept.length > 0) return value;
  return kept.length === 0 ? null : Object.fromEntries(kept);
}

/** Returns whether a value is not empty: not missing, `null`, a blank text, an empty list or an empty object. */
export function says(value: Json | undefined): value is Json {
  if (typeof value === "string") return /\S/.test(value);
  if (value === undefined || value === null || typeof value !== "object") return (value ?? null) !== null;
  return isList(value) ? value.length > 0 : Object.keys(value).length > 0;
}
