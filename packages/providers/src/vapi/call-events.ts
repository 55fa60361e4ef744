import type { CallEvent, Json, Phase, Report } from "@call-ledger/domain";
import {
  boundedDollars,
  boundedSeconds,
  boundedText,
  joinedPart,
  RECONCILED_TYPE,
  SILENT_REPORT,
  says,
} from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject } from "../common/json-body.ts";
import { callerTurnsOf, hasWord, isCaller } from "./caller-turns.ts";
import { reportDetails, statusDetails } from "./details.ts";
import type { Spoken } from "./dialect.ts";
import { endingOf } from "./ended-reason.outcome.ts";
import { observed } from "./observation.ts";
import { recordingsIn } from "./recording.fields.ts";
import type { Recordings } from "./recordings.ts";
import {
  AT_THE_API,
  isSaidToBeRecorded,
  joinedRecordings,
  NONE,
  namesVideo,
  recordingsOf,
} from "./recordings.ts";
import { reportOf } from "./report.ts";
import { wordsIn } from "./turns.ts";
import { believedCallIn, reportIn, statusUpdateIn, transcriptIn } from "./wire.fields.ts";

const PHASES: ReadonlyMap<string, Exclude<Phase, "ended">> = new Map([
  ["scheduled", "scheduled"],
  ["queued", "queued"],
  ["initiated", "queued"],
  ["ringing", "ringing"],
  ["in-progress", "in_progress"],
  ["answered", "in_progress"],
  ["forwarding", "forwarding"],
]);

/** Carriers' words for the state after the call. Vapi's own is `ended`, which is no reason. */
const END_WORDS = new Set(["completed", "busy", "no-answer", "failed", "canceled", "cancelled"]);

type Translation = (spoken: Spoken, received: JsonObject) => readonly CallEvent[];

const TRANSLATIONS: ReadonlyMap<string, Translation> = new Map<string, Translation>([
  ["status-update", statusUpdate],
  ["end-of-call-report", endOfCallReport],
  [RECONCILED_TYPE, fetchedCall],
  ["transcript", transcript],
  ["call.started", callStarted],
  ["call.ended", callEnded],
  ["call.transcribed", transcript],
]);

/**
 * Returns the events of a message, one or more. A message of an unknown type is an observation. `received` is the
 * message with its secrets, because the current URLs of recordings are signed.
 */
export function callEventsOf(spoken: Spoken, received: JsonObject): readonly CallEvent[] {
  const translate = TRANSLATIONS.get(spoken.type);
  return translate === undefined ? [observed(spoken)] : translate(spoken, received);
}

function typeAndTime({ type, occurredAt }: Spoken) {
  return { type, occurredAt };
}

function phaseOf(status: string | null): Exclude<Phase, "ended"> | undefined {
  return PHASES.get(wordIn(status));
}

function isEnd(status: string | null): boolean {
  return wordIn(status) === "ended" || endWordIn(status) !== null;
}

/** Returns a carrier's word for the state after the call, which is the reason if no other is given. */
function endWordIn(status: string | null): string | null {
  const word = wordIn(status);
  return END_WORDS.has(word) ? word : null;
}

/** A status as Vapi writes it. */
function wordIn(status: string | null): string {
  return status?.toLowerCase().replaceAll(/[_ ]/g, "-") ?? "";
}

function statusUpdate(spoken: Spoken): readonly CallEvent[] {
  const { status, endedReason, artifact, call } = statusUpdateIn(spoken.fields);
  const said = { ...typeAndTime(spoken), ...statusDetails(spoken.fields) };
  if (isEnd(status)) {
    // A snapshot from the beginning has no reason.
    const ending = endingOf(endedReason ?? artifact.endedReason ?? call.endedReason ?? endWordIn(status));
    return [{ ...said, kind: "call.ended", ending }];
  }
  const phase = phaseOf(status);
  return [phase === undefined ? observed(spoken) : { ...said, kind: "call.progressed", phase }];
}

function endOfCallReport(spoken: Spoken, received: JsonObject): readonly CallEvent[] {
  const known = writtenReport(spoken);
  const completed = spoken.dialect === "flat" ? completedBy(known, thinReport(spoken)) : known;
  return [reported(spoken, completed, received, [received, received.call])];
}

/** Returns the report of a message. Its `artifact` and the snapshot in `call` fill the gaps. */
function writtenReport({ fields }: Spoken): Report {
  const own = completedBy(reportOf(reportIn(fields)), figuresIn(fields.artifact));
  return completedBy(own, snapshotReport(fields.call));
}

/** Returns the event of a report, whose recordings are named in some of `places`. */
function reported(
  spoken: Spoken,
  report: Report,
  received: JsonObject,
  places: readonly (Json | undefined)[],
): CallEvent & { readonly kind: "call.reported" } {
  const wires = places.map((place) => recordingsIn(place));
  const names = ({ links, sources }: Recordings) => links.length + sources.length > 0;
  const wasHeld = report.startedAt !== null || report.messages !== null;
  const isAtTheApi = (wasHeld && isSaidToBeRecorded(received)) || wires.some(namesVideo);
  const named = joinedRecordings(wires.map(recordingsOf));
  const { links, sources } = names(named) ? named : isAtTheApi ? AT_THE_API : NONE;
  const callerTurns = callerTurnsOf(report.messages, report.transcript);
  const details = reportDetails(spoken.fields);
  const whole = { ...report, callerTurns, details, recordings: links };
  return { ...typeAndTime(spoken), kind: "call.reported", report: whole, sources };
}

/**
 * The API's own call is not a snapshot from the beginning, so its values are used. Its end is in the same place as its
 * report.
 */
function fetchedCall(spoken: Spoken, received: JsonObject): readonly CallEvent[] {
  const { status } = statusUpdateIn(spoken.fields.call);
  const report = reportOf(reportIn(spoken.fields.call));
  if (!isEnd(status) && report.endedAt === null) {
    const phase = phaseOf(status);
    return [
      phase === undefined ? observed(spoken) : { ...typeAndTime(spoken), kind: "call.progressed", phase },
    ];
  }
  const whole = { ...report, source: "reconcile", durationSeconds: durationIn(report) } as const;
  return [reported(spoken, whole, received, [received.call])];
}

/**
 * The API gives no duration. Without one its report would have fewer fields than the webhook's, although it is more
 * recent.
 */
function durationIn({ durationSeconds, startedAt, endedAt }: Report): number | null {
  if (startedAt === null || endedAt === null) return durationSeconds;
  return durationSeconds ?? boundedSeconds((endedAt - startedAt) / 1_000);
}

/** Reads the fields of an artifact that belong to the message: times, costs and the analysis. */
function figuresIn(artifact: Json | undefined): Report {
  const fields = isObject(artifact) ? artifact : {};
  const figures = FIGURES.map((name): [string, Json] => [name, fields[name] ?? null]);
  return reportOf(reportIn(Object.fromEntries(figures)));
}

const FIGURES = [
  "analysis",
  "summary",
  "cost",
  "costs",
  "costBreakdown",
  "startedAt",
  "endedAt",
  "endedReason",
  "duration",
  "durationSeconds",
  "durationMs",
  "durationMinutes",
];

/** A snapshot without an end may be from the beginning. Then a cost and a duration of 0 are unknown. */
function snapshotReport(call: Json | undefined): Report {
  const report = reportOf(reportIn(call));
  if (report.endedAt !== null) return report;
  return { ...report, costUsd: report.costUsd || null, durationSeconds: report.durationSeconds || null };
}

function completedBy(report: Report, other: Report): Report {
  return {
    source: report.source,
    revisedAt: report.revisedAt ?? other.revisedAt,
    transcript: report.transcript ?? other.transcript,
    messages: report.messages ?? other.messages,
    callerTurns: report.callerTurns ?? other.callerTurns,
    summary: report.summary ?? other.summary,
    analysis: joinedParts(report.analysis, other.analysis),
    costUsd: (report.costUsd ?? 0) > 0 ? report.costUsd : (other.costUsd ?? report.costUsd),
    costBreakdown: report.costBreakdown ?? other.costBreakdown,
    startedAt: report.startedAt ?? other.startedAt,
    endedAt: report.endedAt ?? other.endedAt,
    ending: report.ending ?? other.ending,
    durationSeconds: report.durationSeconds ?? other.durationSeconds,
    forwardedTo: report.forwardedTo ?? other.forwardedTo,
    details: report.details ?? other.details,
    recordings: report.recordings.length > 0 ? report.recordings : other.recordings,
  };
}

/** The parts of an analysis may be in several places. An empty part is none. */
function joinedParts(own: Json | null, other: Json | null): Json | null {
  if (!isObject(own) || !isObject(other)) return own ?? other;
  const kept = Object.entries(own).filter(([, part]) => says(part));
  return {
    ...other,
    ...Object.fromEntries(kept.map(([name, part]) => [name, joinedPart(name, part, other[name])])),
  };
}

/** Returns the report in `call` under the older names, where it is not a snapshot from the beginning. */
function thinReport({ fields }: Spoken): Report {
  const { endedReason, call } = believedCallIn(fields);
  const word = endWordIn(call.status);
  return {
    ...SILENT_REPORT,
    costUsd: boundedDollars(call.cost),
    durationSeconds: boundedSeconds(call.duration),
    ending: endingOf(endedReason ?? call.endedReason ?? word),
  };
}

function callStarted(spoken: Spoken): readonly CallEvent[] {
  const phase = phaseOf(believedCallIn(spoken.fields).call.status) ?? "ringing";
  const details = statusDetails({ ...spoken.fields, status: "queued" });
  return [{ ...typeAndTime(spoken), ...details, kind: "call.progressed", phase }];
}

/**
 * The end may have the content of a report, and the report that follows may not have it. With figures alone, or without
 * any content, the report is still missing.
 */
function callEnded(spoken: Spoken, received: JsonObject): readonly CallEvent[] {
  const report = completedBy(writtenReport(spoken), thinReport(spoken));
  const ended = { ...typeAndTime(spoken), kind: "call.ended", ending: report.ending } as const;
  const event = reported(spoken, report, received, [received, received.call]);
  const isReport = WORDS.some((name) => report[name] !== null) || event.sources.length > 0;
  if (isReport || event.report.recordings.length > 0) return [ended, event];
  if (NUMBERS.some((name) => report[name] !== null)) {
    return [ended, { ...event, report: { ...event.report, source: "early" } }];
  }
  return [{ ...ended, ...statusDetails({ ...spoken.fields, status: "ended" }) }];
}

const WORDS = ["transcript", "messages", "summary", "analysis"] as const;
const NUMBERS = ["costUsd", "costBreakdown", "startedAt", "endedAt", "durationSeconds"] as const;

/** September 2001. Smaller numbers are seconds since the call began. */
const FIRST_TIME = 1e12;

function transcript(spoken: Spoken): readonly CallEvent[] {
  const { message, role, timestamp } = transcriptIn(spoken.fields);
  // In older deliveries the words may be those of a message.
  const { transcript: own = null, message: inner = null } = spoken.fields;
  const text = boundedText(wordsIn({ content: own, text: inner }));
  if (text === null) return [observed(spoken)];
  const speaker = message.role ?? role ?? "user";
  const segment = { role: speaker, text, byCaller: isCaller(speaker) && hasWord(text) };
  // Without a time of their own, equal words of one speaker are one segment.
  const times = [spoken.occurredAt, message.timestamp, message.time, timestamp];
  const occurredAt = times.find((time) => time !== null && time > FIRST_TIME) ?? null;
  return [{ type: spoken.type, occurredAt, kind: "call.transcribed", segment }];
}
