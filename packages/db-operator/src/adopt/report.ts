import type { CallEvent, Json, RecordingLink, RecordingSource, Report } from "@call-ledger/domain";
import { CHANNELS, SILENT_REPORT } from "@call-ledger/domain";
import { costOf, endOf, isOver, startOf, wasAnswered } from "./call-status.ts";
import type { Conversation } from "./conversation.ts";
import { conversationIn } from "./conversation.ts";
import { isUpload, recordingsIn, UPLOAD_TABLES } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import { instantOf, jsonOf, secondsOf, textOf } from "./old-row.ts";

/** The order in which tables win if rows differ. The first is the table of the old report handler. */
const ORDER: readonly OldRow["table"][] = ["call_logs", "calls", "call_tracking", ...UPLOAD_TABLES];

/**
 * The report that a call's rows have together, with `kept`, the values of columns that the ledger does not have. `[]`:
 * they have none, because only phases of the call are known, or the phases of a row of `call_tracking` have all its
 * facts. Each field is taken from the first row that has it. Of two rows of one table, the one that was revised later
 * comes first.
 */
export function reportOf(rows: readonly OldRow[], kept: Json | null): CallEvent[] {
  const all = rows
    .filter((row) => ORDER.includes(row.table))
    .toSorted(
      (a, b) => ORDER.indexOf(a.table) - ORDER.indexOf(b.table) || (revisedAt(b) ?? 0) - (revisedAt(a) ?? 0),
    );
  const ordered = all.filter((row) => isUpload(row) || isOver(row));
  const [first] = ordered;
  if (first === undefined) return [];
  const { links, sources } = recordingsOf(ordered);
  const report: Report = {
    ...SILENT_REPORT,
    source: "adopted",
    revisedAt: firstOf(ordered, revisedAt),
    ...conversationOf(ordered),
    summary: firstOf(all, (row) => textOf(row, "outcome_summary")),
    analysis: analysisOf(all),
    costUsd: firstOf(ordered, costOf),
    ...timesOf(ordered),
    forwardedTo: firstOf(ordered, (row) => textOf(row, "transfer_to")),
    details: kept === null ? null : { adopted: kept },
    recordings: links,
  };
  const isNews = first.table !== "call_tracking" || !phasesSayAll(first, report);
  const isEmpty = isUpload(first) && links.length === 0;
  if (!isNews || isEmpty) return [];
  return [{ kind: "call.reported", type: `adopted.${first.table}`, occurredAt: null, report, sources }];
}

function firstOf<T>(rows: readonly OldRow[], read: (row: OldRow) => T | null): T | null {
  for (const row of rows) {
    const value = read(row);
    if (value !== null) return value;
  }
  return null;
}

function revisedAt(row: OldRow): number | null {
  return instantOf(row, "updated_at") ?? endOf(row);
}

/**
 * The times of one row, so that they fit together. `call_date` is when a row was made; it is used only without other
 * times.
 */
function timesOf(rows: readonly OldRow[]): Pick<Report, "startedAt" | "endedAt" | "durationSeconds"> {
  const timed = rows.find((row) => startOf(row) ?? endOf(row));
  const ordered = timed === undefined ? rows : [timed, ...rows];
  return {
    startedAt: timed === undefined ? firstOf(rows, (row) => instantOf(row, "call_date")) : startOf(timed),
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
  const hasStart = startedAt === null || wasAnswered(row);
  const between = startedAt === null || endedAt === null ? null : Math.round((endedAt - startedAt) / 1000);
  const hasDuration = durationSeconds === null || (hasStart && durationSeconds === between);
  const { transcript, messages, summary, analysis, costUsd, forwardedTo, details } = report;
  const others = [
    transcript,
    messages,
    summary,
    analysis,
    costUsd,
    forwardedTo,
    details,
    recordings[0] ?? null,
  ];
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

const NOTED = [
  "sentiment",
  "sentiment_label",
  "sentiment_score",
  "sentiment_summary",
  "sentiment_urgency",
  "action_items",
];

function analysisOf(rows: readonly OldRow[]): Json | null {
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
