import type { CallEvent, Json, RecordingLink, RecordingSource, Report } from "@call-ledger/domain";
import { CHANNELS, SILENT_REPORT } from "@call-ledger/domain";
import { isOver, wasAnswered } from "./call-status.ts";
import { recordingsIn } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import { dollarsOf, instantOf, isObject, jsonOf, secondsOf, textOf } from "./old-row.ts";

/** Whose word stands where rows differ, first the table that the old report handler wrote. */
const ORDER: readonly OldRow["table"][] = ["call_logs", "calls", "call_tracking", "recording_upload_queue"];

/**
 * The end-of-call document that a call's rows hold together, `[]` where they hold none: a call of which only phases are
 * known, or a row of `call_tracking` whose phases say all. Each field is taken from the first row that has it; of two
 * rows of one table the later revised is the first.
 */
export function reportOf(rows: readonly OldRow[]): CallEvent[] {
  const told = rows.filter(
    (row) => ORDER.includes(row.table) && (row.table === "recording_upload_queue" || isOver(row)),
  );
  const ordered = told.toSorted(
    (a, b) => ORDER.indexOf(a.table) - ORDER.indexOf(b.table) || (revisedAt(b) ?? 0) - (revisedAt(a) ?? 0),
  );
  const [first] = ordered;
  if (first === undefined) return [];
  const { links, sources } = recordingsOf(ordered);
  const report: Report = {
    ...SILENT_REPORT,
    source: "adopted",
    revisedAt: ordered.map(revisedAt).find((instant) => instant !== null) ?? null,
    ...conversationOf(ordered),
    analysis: analysisOf(ordered),
    costUsd: ordered.map((row) => dollarsOf(row, "cost")).find((cost) => cost !== null) ?? null,
    ...timesOf(ordered),
    recordings: links,
  };
  const isNews = first.table !== "call_tracking" || !phasesSayAll(first, report);
  const isEmpty = first.table === "recording_upload_queue" && links.length === 0;
  if (!isNews || isEmpty) return [];
  return [{ kind: "call.reported", type: `adopted.${first.table}`, occurredAt: null, report, sources }];
}

function revisedAt(row: OldRow): number | null {
  return instantOf(row, "updated_at") ?? instantOf(row, "ended_at");
}

/** Of one row, so that they fit; `call_date` is when a row was made, near enough only where nothing else is known. */
function timesOf(rows: readonly OldRow[]): Pick<Report, "startedAt" | "endedAt" | "durationSeconds"> {
  const timed = rows.find((row) => instantOf(row, "started_at") ?? instantOf(row, "ended_at"));
  const durations = [timed, ...rows].map((row) =>
    row === undefined ? null : secondsOf(row, "duration_seconds"),
  );
  const dates = rows.flatMap((row) => instantOf(row, "call_date") ?? []);
  return {
    startedAt: timed === undefined ? (dates[0] ?? null) : instantOf(timed, "started_at"),
    endedAt: timed === undefined ? null : instantOf(timed, "ended_at"),
    durationSeconds: durations.find((seconds) => seconds !== null) ?? null,
  };
}

function phasesSayAll(row: OldRow, report: Report): boolean {
  const { startedAt, endedAt, durationSeconds, transcript, analysis } = report;
  const startIsTold = startedAt === null || wasAnswered(row);
  const durationIsTold = durationSeconds === null || (startedAt !== null && startIsTold && endedAt !== null);
  return startIsTold && durationIsTold && transcript === null && analysis === null;
}

function recordingsOf(rows: readonly OldRow[]) {
  const found = rows.map(recordingsIn);
  return {
    links: CHANNELS.flatMap((channel): RecordingLink[] => {
      const link = found.flatMap(({ links }) => links).find((one) => one.channel === channel);
      return link === undefined ? [] : [link];
    }),
    sources: CHANNELS.flatMap((channel): RecordingSource[] => {
      const source = found.flatMap(({ sources }) => sources).find((one) => one.channel === channel);
      return source === undefined ? [] : [source];
    }),
  };
}

const NOTED = ["sentiment", "sentiment_label", "sentiment_score", "action_items"];

function analysisOf(rows: readonly OldRow[]): Json | null {
  const notes = NOTED.flatMap((column) => {
    const value = rows.map((row) => jsonOf(row, column)).find((one) => one !== null);
    return value === undefined ? [] : [[column, value] as const];
  });
  return notes.length === 0 ? null : Object.fromEntries(notes);
}

function conversationOf(rows: readonly OldRow[]): Pick<Report, "transcript" | "messages"> {
  const found = rows.map(conversationIn);
  return {
    transcript: found.map(({ transcript }) => transcript).find((text) => text !== null) ?? null,
    messages: found.map(({ messages }) => messages).find((list) => list !== null) ?? null,
  };
}

/** A transcript is text; in `calls` it may be a list of what was said by whom. */
function conversationIn(row: OldRow): Pick<Report, "transcript" | "messages"> {
  if (row.table !== "calls") return { transcript: textOf(row, "transcript"), messages: null };
  const value = jsonOf(row, "transcript");
  if (typeof value === "string") return { transcript: value, messages: null };
  if (value === null || typeof value !== "object" || Object.keys(value).length === 0) {
    return { transcript: null, messages: null };
  }
  return { transcript: linesOf(value), messages: value };
}

function linesOf(value: Json): string | null {
  if (!Array.isArray(value)) return null;
  const lines = value.flatMap((turn: Json) => {
    if (typeof turn === "string") return [turn];
    if (!isObject(turn)) return [];
    const text = [turn.text, turn.content, turn.message].find((said) => typeof said === "string");
    const speaker = [turn.speaker, turn.role].find((said) => typeof said === "string");
    return text === undefined ? [] : [speaker === undefined ? text : `${speaker}: ${text}`];
  });
  return lines.length === 0 ? null : lines.join("\n");
}
