import type { CallEvent, Json, RecordingLink, RecordingSource, Report } from "@call-ledger/domain";
import { CHANNELS, SILENT_REPORT } from "@call-ledger/domain";
import { costOf, endOf, isOver, startOf, wasAnswered } from "./call-status.ts";
import type { Conversation } from "./conversation.ts";
import { conversationIn } from "./conversation.ts";
import { isUpload, recordingsIn } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import { instantOf, jsonOf, secondsOf, textOf } from "./old-row.ts";
import { firstOf, hasFacts, revisedAt } from "./precedence.ts";

/** The report that a call's rows have together, without values that have no place in the ledger. */
export type AdoptedReport = {
  /** The first row that has facts of it. */
  readonly first: OldRow;
  readonly report: Report;
  readonly sources: readonly RecordingSource[];
};

/**
 * The report of a call's rows, which have their order; `null`: they have none, because only phases of the call are
 * known. Each field is taken from the first row that has it.
 */
export function reportOf(rows: readonly OldRow[]): AdoptedReport | null {
  const all = rows.filter(hasFacts);
  const ordered = all.filter((row) => isUpload(row) || isOver(row));
  const [first] = ordered;
  if (first === undefined) return null;
  const { links, sources } = recordingsOf(ordered);
  if (isUpload(first) && links.length === 0) return null;
  const report: Report = {
    ...SILENT_REPORT,
    source: "adopted",
    revisedAt: firstOf(ordered, revisedAt),
    ...conversationOf(ordered),
    summary: firstOf(all, (row) => textOf(row, "outcome_summary")),
    analysis: analysisOf(all),
    costUsd: firstOf(ordered, costOf),
    ...timesOf(ordered, all),
    forwardedTo: firstOf(ordered, (row) => textOf(row, "transfer_to")),
    recordings: links,
  };
  return { first, report, sources };
}

/**
 * The event of a report, with `kept`, the values that have no other place. `[]`: the phases of a row of `call_tracking`
 * have all its facts.
 */
export function reportEvents({ first, report, sources }: AdoptedReport, kept: Json | null): CallEvent[] {
  if (kept === null && first.table === "call_tracking" && phasesSayAll(first, report)) return [];
  const details = kept === null ? null : { adopted: kept };
  const type = `adopted.${first.table}`;
  return [{ kind: "call.reported", type, occurredAt: null, report: { ...report, details }, sources }];
}

/**
 * The times of one row, so that they fit together. `call_date` is when a row was made; it is used only without other
 * times, also from a row that does not say that the call is over.
 */
function timesOf(
  rows: readonly OldRow[],
  all: readonly OldRow[],
): Pick<Report, "startedAt" | "endedAt" | "durationSeconds"> {
  const timed = rows.find((row) => startOf(row) ?? endOf(row));
  const ordered = timed === undefined ? rows : [timed, ...rows];
  return {
    startedAt: timed === undefined ? firstOf(all, (row) => instantOf(row, "call_date")) : startOf(timed),
    endedAt: timed === undefined ? null : endOf(timed),
    durationSeconds: firstOf(ordered, (row) => secondsOf(row, "duration_seconds")),
  };
}

/**
 * Whether the phases have all facts of a report. Old times are arrivals of webhooks, so another duration is its own
 * fact.
 */
function phasesSayAll(row: OldRow, report: Report): boolean {
  const { startedAt, endedAt, durationSeconds, recordings } = report;
  const hasStart = startedAt === null || (wasAnswered(row) && startOf(row) === startedAt);
  const between = startedAt === null || endedAt === null ? null : Math.round((endedAt - startedAt) / 1000);
  const hasDuration = durationSeconds === null || (hasStart && durationSeconds === between);
  const { transcript, messages, summary, analysis, costUsd, forwardedTo } = report;
  const others = [transcript, messages, summary, analysis, costUsd, forwardedTo, recordings[0] ?? null];
  return hasStart && hasDuration && others.every((other) => other === null);
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

/** The columns of an analysis, which keep their names. */
export const NOTED = [
  "sentiment",
  "sentiment_label",
  "sentiment_score",
  "sentiment_summary",
  "sentiment_urgency",
  "action_items",
] as const;

function analysisOf(rows: readonly OldRow[]): Readonly<Record<string, Json>> | null {
  const notes = NOTED.flatMap((column) => {
    const value = firstOf(rows, (row) => jsonOf(row, column));
    return value === null ? [] : [[column, value] as const];
  });
  return notes.length === 0 ? null : Object.fromEntries(notes);
}

/** The conversation. Its text and its turns may come from two rows: the report's text, and the turns of `calls`. */
function conversationOf(rows: readonly OldRow[]): Conversation {
  const found = rows.flatMap((row) => conversationIn(row) ?? []);
  return {
    transcript: found.find(({ transcript }) => transcript !== null)?.transcript ?? null,
    messages: found.find(({ messages }) => messages !== null)?.messages ?? null,
  };
}
