import { greaterText } from "../text/byte-order.ts";
import type { Json } from "../text/json.ts";
import type { Instant, Report } from "./call-event.ts";
import type { Ending } from "./outcome.ts";
import { factsInList, keysOf, partsOf, reportFields, saysUnder } from "./report-fields.ts";
import type { Preference, Versioned } from "./versioned.ts";
import { greaterVersioned, SOURCE, sourceOf } from "./versioned.ts";

/**
 * A JSON field. An object is merged part by part, and some of its parts key by key. A value of another kind is merged
 * as a whole: `parts` is empty.
 */
export type Document = {
  readonly whole: Versioned<Json> | null;
  readonly parts: { readonly [part: string]: Document };
};

/**
 * The best of all end-of-call documents of a call: the row of `call_logs`.
 * Each field comes from the greatest version that has it, so no report erases a fact of another report.
 */
export type ReportLayer = {
  /** The greatest version seen, `null` before the first report. */
  readonly version: string | null;
  readonly transcript: Versioned<string> | null;
  readonly messages: Versioned<Json> | null;
  readonly callerTurns: Versioned<number> | null;
  readonly summary: Versioned<string> | null;
  readonly analysis: Document;
  readonly costUsd: Versioned<number> | null;
  readonly costBreakdown: Document;
  readonly startedAt: Versioned<Instant> | null;
  readonly endedAt: Versioned<Instant> | null;
  readonly ending: Versioned<Ending> | null;
  readonly durationSeconds: Versioned<number> | null;
  readonly forwardedTo: Versioned<string> | null;
  readonly details: Document;
  readonly recordingUrl: Versioned<string> | null;
};

const NO_DOCUMENT: Document = { whole: null, parts: {} };

export const NO_REPORT: ReportLayer = {
  version: null,
  transcript: null,
  messages: null,
  callerTurns: null,
  summary: null,
  analysis: NO_DOCUMENT,
  costUsd: null,
  costBreakdown: NO_DOCUMENT,
  startedAt: null,
  endedAt: null,
  ending: null,
  durationSeconds: null,
  forwardedTo: null,
  details: NO_DOCUMENT,
  recordingUrl: null,
};

/** Returns the contribution of one report. Its empty fields are absent. */
export function reportLayerOf(report: Report, version: string): ReportLayer {
  const versioned = <T>(value: T | null) => (value === null ? null : { version, value });
  const fields = reportFields(report);
  return {
    version,
    transcript: versioned(fields.transcript),
    messages: versioned(fields.messages),
    callerTurns: versioned(fields.callerTurns),
    summary: versioned(fields.summary),
    analysis: documentOf(fields.analysis, version),
    costUsd: versioned(fields.costUsd),
    costBreakdown: documentOf(fields.costBreakdown, version),
    startedAt: versioned(fields.startedAt),
    endedAt: versioned(fields.endedAt),
    ending: versioned(fields.ending),
    durationSeconds: versioned(fields.durationSeconds),
    forwardedTo: versioned(fields.forwardedTo),
    details: documentOf(fields.details, version),
    recordingUrl: versioned(fields.recordingUrl),
  };
}

function documentOf(value: Json | null, version: string): Document {
  if (value === null) return NO_DOCUMENT;
  const whole = (one: Json): Document => ({ whole: { version, value: one }, parts: {} });
  return divided(value, partsOf(value), whole, (name, part) =>
    divided(part, keysOf(name, part), whole, (_key, one) => whole(one)),
  );
}

function divided(
  value: Json,
  parts: readonly (readonly [name: string, part: Json])[] | null,
  whole: (value: Json) => Document,
  partOf: (name: string, part: Json) => Document,
): Document {
  if (parts === null) return whole(value);
  return { whole: null, parts: Object.fromEntries(parts.map(([name, part]) => [name, partOf(name, part)])) };
}

/** Returns the value of a document: the object of its parts, or its value of another kind, or `null` if unknown. */
export function documentValue({ whole, parts }: Document): Json | null {
  const known = Object.entries(parts);
  if (known.length === 0) return whole?.value ?? null;
  return Object.fromEntries(known.map(([name, part]) => [name, documentValue(part)]));
}

/** Returns the join of two report layers: for each field, the value of the greater version. */
export function mergeReports(a: ReportLayer, b: ReportLayer): ReportLayer {
  return {
    version: greaterText(a.version, b.version),
    transcript: greaterVersioned(a.transcript, b.transcript),
    messages: greaterJson(a.messages, b.messages),
    callerTurns: greaterVersioned(a.callerTurns, b.callerTurns, { first: (one, other) => one - other }),
    summary: greaterVersioned(a.summary, b.summary),
    analysis: mergeDocuments(a.analysis, b.analysis),
    costUsd: greaterVersioned(a.costUsd, b.costUsd, { first: moreThanNothing }),
    costBreakdown: mergeDocuments(a.costBreakdown, b.costBreakdown, moreThanNothing),
    startedAt: greaterVersioned(a.startedAt, b.startedAt),
    endedAt: greaterVersioned(a.endedAt, b.endedAt),
    ending: greaterVersioned(a.ending, b.ending, { first: knownOutcome }),
    durationSeconds: greaterDuration(a.durationSeconds, b.durationSeconds),
    forwardedTo: greaterVersioned(a.forwardedTo, b.forwardedTo),
    details: mergeDocuments(a.details, b.details),
    recordingUrl: greaterVersioned(a.recordingUrl, b.recordingUrl),
  };
}

function mergeDocuments(a: Document, b: Document, first?: Preference<Json>): Document {
  return mergeParts(a, b, first, (name, one, other) =>
    mergeParts(one, other, first, (_key, some, more) => ({
      whole: greaterVersioned(some.whole, more.whole, { first: sayingFirst(name, first) }),
      parts: {},
    })),
  );
}

/** Parts win over a whole for any versions. So a whole never replaces parts that are known. */
function mergeParts(
  a: Document,
  b: Document,
  first?: Preference<Json>,
  mergePart: (name: string, a: Document, b: Document) => Document = () => NO_DOCUMENT,
): Document {
  const parts = new Map(Object.entries(a.parts));
  for (const [name, part] of Object.entries(b.parts)) {
    const known = parts.get(name);
    parts.set(name, known === undefined ? part : mergePart(name, known, part));
  }
  return {
    whole: parts.size > 0 ? null : greaterJson(a.whole, b.whole, first),
    parts: Object.fromEntries(parts),
  };
}

/** Of two lists of one source, the one with more facts wins: a report may have a shorter list and more fields. */
function greaterJson(
  a: Versioned<Json> | null,
  b: Versioned<Json> | null,
  first: Preference<Json> = () => 0,
): Versioned<Json> | null {
  if (a === null || b === null || sourceOf(a.version) !== sourceOf(b.version)) {
    return greaterVersioned(a, b, { first });
  }
  return greaterVersioned(a, b, {
    first: (one, other) => first(one, other) || factsInList(one) - factsInList(other),
  });
}

/** Under a key, a value that says something wins over one that does not. */
function sayingFirst(part: string, first: Preference<Json> = () => 0): Preference<Json> {
  return (a, b) => Number(saysUnder(part, a)) - Number(saysUnder(part, b)) || first(a, b);
}

/** Any other number wins over 0. A figure of 0 is often not computed yet. */
function moreThanNothing(a: Json, b: Json): number {
  return Number(a !== 0) - Number(b !== 0);
}

/** A provider's duration of 0 is often not computed yet, like its cost. A caller of the SQL API means its own. */
function greaterDuration(a: Versioned<number> | null, b: Versioned<number> | null): Versioned<number> | null {
  const areProviders = [a, b].every((one) => one !== null && sourceOf(one.version) >= SOURCE.early);
  return greaterVersioned(a, b, { first: areProviders ? moreThanNothing : undefined });
}

/** A reason with a known outcome wins over one with an unknown outcome. */
function knownOutcome(a: Ending, b: Ending): number {
  return Number(a.outcome !== "unknown") - Number(b.outcome !== "unknown");
}
