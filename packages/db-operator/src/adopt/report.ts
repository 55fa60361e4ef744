import type { CallEvent, Json, RecordingLink, RecordingSource, Report } from "@call-ledger/domain";
import { CHANNELS, SILENT_REPORT } from "@call-ledger/domain";
import { costOf, endOf, isOver, startOf, wasAnswered } from "./call-status.ts";
import type { Conversation } from "./conversation.ts";
import { conversationIn } from "./conversation.ts";
import { isUpload, recordingsIn, UPLOAD_TABLES } from "./old-recordings.ts";
import type { OldRow } from "./old-row.ts";
import { instantOf, jsonOf, secondsOf, textOf } from "./old-row.ts";

/** Whose word stands where rows differ, first the table that the old report handler wrote. */
const ORDER: readonly OldRow["table"][] = ["call_logs", "calls", "call_tracking", ...UPLOAD_TABLES];

/**
 * The end-of-call document that a call's rows hold together, with what they say in columns that the ledger does not have. `[]`: they hold none: a call of which only phases are
 * known, or a row of `call_tracking` whose phases say all. Each field is taken from the first row that has it; of two
 * rows of one table the later revised is the first.
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

/** Of one row, so that they fit; `call_date` is when a row was made, near enough only where nothing else is known. */
function timesOf(rows: readonly OldRow[]): Pick<Report, "startedAt" | "endedAt" | "durationSeconds"> {
  const timed = rows.find((row) => startOf(row) ?? endOf(row));
  const ordered = timed === undefined ? rows : [timed, ...rows];
  return {
    startedAt: timed === undefined ? firstOf(rows, (row) => instantOf(row, "call_date")) : startOf(timed),
    endedAt: timed === undefined ? null : endOf(timed),
    durationSeconds: firstOf(ordered, (row) => secondsOf(row, "duration_seconds")),
  };
}

/** The old times are when a webhook arrived, so a duration that is not between them is a fact of its own. */
function phasesSayAll(row: OldRow, report: Report): boolean {
  const { startedAt, endedAt, durationSeconds, recordings } = report;
  const startIsTold = startedAt === null || wasAnswered(row);
  const between = startedAt === null || endedAt === null ? null : Math.round((endedAt - startedAt) / 1000);
  const durationIsTold = durationSeconds === null || (startIsTold && durationSeconds === between);
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
  return startIsTold && durationIsTold && others.every((other) => other === null);
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

/** The text and the list may come from two rows: the report's text, and the turns that `calls` has. */
function conversationOf(rows: readonly OldRow[]): Conversation {
  const found = rows.flatMap((row) => conversationIn(row) ?? []);
  return {
    transcript: found.find(({ transcript }) => transcript !== null)?.transcript ?? null,
    messages: found.find(({ messages }) => messages !== null)?.messages ?? null,
  };
}
