import type { SQL, SQLWrapper } from "drizzle-orm";
import { and, eq, gte, inArray, isNull, lt, not, or, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { callAnnotations } from "../schema/access.table.ts";
import { callLogs, calls } from "../schema/calls.table.ts";
import { callTranscripts } from "../schema/conversation.table.ts";
import { organizations } from "../schema/organizations.table.ts";
import { recordingUploadQueue } from "../schema/recordings.table.ts";
import type { Queries } from "./reader.ts";

/** The filters of a list of calls. A field that is missing does not filter. */
export type CallSelection = {
  /** Agents' ids; `none`: calls without an agent. */
  readonly agent?: readonly string[] | undefined;
  readonly provider?: readonly string[] | undefined;
  readonly phase?: readonly string[] | undefined;
  readonly outcome?: readonly string[] | undefined;
  readonly direction?: readonly string[] | undefined;
  /** Filters by start: an instant, or a day of the organization's calendar. `from` is included, `to` is not. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The customer's number or its end, in any format. */
  readonly number?: string | undefined;
  /** Words in the transcript or the summary. */
  readonly q?: string | undefined;
  /** Marks, `recording_failed`, `any` of them, or `none`. */
  readonly attention?: readonly string[] | undefined;
  readonly recording_state?: readonly string[] | undefined;
  /** Calls with a recording that is not stored yet and is deleted at the provider within so many hours. */
  readonly recording_deadline_within_hours?: number | undefined;
  /** Selects only calls that have ended. */
  readonly report_state?: "pending" | "booked" | undefined;
  readonly tag?: string | undefined;
  readonly external_ref?: string | undefined;
};

/** The start of a call; for a call without a start, the time when it was first seen. */
export const startOrFirstSeen = sql<string>`coalesce(${calls.startedAt}, ${calls.createdAt})`;

/** SQL: whether the call has no report and is not overdue. An index has only these calls. */
export const isAwaited = sql<boolean>`(${calls.awaitsReport} and ${calls.attention} = '{}')`;

/** The states of a recording, the most advanced first. */
const STATES = sql.raw("array['stored', 'fetching', 'pending', 'failed', 'expired']");
const GIVEN_UP = ["failed", "expired"];

/** The recordings of a call, in SQL. */
const recordingsOfCall = sql`from ${recordingUploadQueue} q where q.org_id = ${calls.orgId} and q.call_id = ${calls.id}`;

/** The state of the most advanced channel; `none`: no report has named a recording. */
export const recordingState = sql<string>`coalesce((${STATES})[(
  select min(array_position(${STATES}, q.status)) ${recordingsOfCall})], 'none')`;

/** Selects the calls whose `recordingState` is one of these. */
function hasRecordingState(wanted: readonly string[]): SQL {
  const isWanted = inArray(recordingState, [...wanted]);
  if (wanted.some((state) => !GIVEN_UP.includes(state))) return isWanted;
  // Few calls have a failed channel, and an index has only these. `case` keeps the planner from computing the state of
  // the others first.
  return sql`case when exists (select 1 ${recordingsOfCall} and q.status in ('failed', 'expired'))
    then ${isWanted} else false end`;
}

/**
 * Whether a recording is not stored yet, and is deleted at the provider within so many hours. An index has only these.
 */
export function isCloseToDeadline(hours: number): SQL {
  const { status, deadline } = recordingUploadQueue;
  return sql`(${status} in ('pending', 'fetching')
    and ${deadline} between now() and now() + make_interval(hours => ${hours}::integer))`;
}

/** Returns the conditions that an index answers: organization, time, annotations, and calls without a report. */
export function selectedByIndex(db: Queries, orgId: string, selection: CallSelection) {
  const { from, to, tag, external_ref, recording_deadline_within_hours: hours } = selection;
  return and(
    eq(calls.orgId, orgId),
    isOfAwaitedCalls(selection) ? isAwaited : undefined,
    from === undefined ? undefined : gte(startOrFirstSeen, instantOf(from, orgId)),
    to === undefined ? undefined : lt(startOrFirstSeen, instantOf(to, orgId)),
    hours === undefined
      ? undefined
      : inArray(
          calls.id,
          db
            .select({ callId: recordingUploadQueue.callId })
            .from(recordingUploadQueue)
            .where(and(eq(recordingUploadQueue.orgId, orgId), isCloseToDeadline(hours))),
        ),
    tag === undefined && external_ref === undefined
      ? undefined
      : inArray(
          calls.id,
          db
            .select({ callId: callAnnotations.callId })
            .from(callAnnotations)
            .where(
              and(
                eq(callAnnotations.orgId, orgId),
                tag === undefined ? undefined : sql`${tag} = any (${callAnnotations.tags})`,
                external_ref === undefined ? undefined : eq(callAnnotations.externalRef, external_ref),
              ),
            ),
        ),
  );
}

/** Whether only calls without a report pass, none of them overdue. A call that has not ended has no report. */
function isOfAwaitedCalls({ phase, attention, report_state }: CallSelection): boolean {
  const isLive = phase !== undefined && !phase.includes("ended");
  return report_state === "pending" || (isLive && attention?.join() === "none");
}

/**
 * Returns the conditions that are checked for each call. The words are searched only in calls whose ids `lookedAt`
 * selects.
 */
export function selectedByRow(
  db: Queries,
  orgId: string,
  selection: CallSelection,
  lookedAt: SQLWrapper,
): SQL | undefined {
  const { agent, provider, phase, outcome, direction, number, q, attention } = selection;
  const { recording_state, report_state } = selection;
  return and(
    agent && hasAgent(agent),
    provider && inArray(calls.provider, [...provider]),
    phase && inArray(calls.phase, [...phase]),
    outcome && inArray(calls.outcome, [...outcome]),
    direction && inArray(calls.direction, [...direction]),
    number === undefined ? undefined : hasNumber(number),
    attention && hasMark(attention),
    recording_state && hasRecordingState(recording_state),
    report_state === undefined ? undefined : eq(calls.phase, "ended"),
    report_state === "booked" ? sql`${calls.awaitsReport} is not true` : undefined,
    q === undefined ? undefined : and(...wordsOf(q).map((word) => saysWord(db, orgId, word, lookedAt))),
  );
}

const DAY = /^\d{4}-\d\d-\d\d$/;

function instantOf(text: string, orgId: string): SQL {
  if (!DAY.test(text)) return sql`${text}::timestamptz`;
  return sql`(${text}::timestamp at time zone
    (select o.time_zone from ${organizations} o where o.id = ${orgId}))`;
}

/**
 * Compares the last digits of the customer's number, or of the one to which the call was put through, in any format.
 * The prefix of a country code (`+`, `00`, `011`), a trunk's zero and separators are ignored.
 */
function hasNumber(number: string): SQL {
  const digits = number.replace(/\(0\)/g, "").replace(/\D/g, "");
  const endings = [digits.replace(/^0+/, ""), digits.replace(/^011/, "")].filter(
    (ending) => ending.length > 2,
  );
  if (endings.length === 0) return sql`false`;
  const numbers = [calls.customerNumber, calls.forwardedTo].map(
    (column) => sql`regexp_replace(${column}, '\\D', '', 'g')`,
  );
  return sql`(${sql.join(
    numbers.flatMap((own) => [...new Set(endings)].map((ending) => sql`${own} like ${`%${ending}`}`)),
    sql` or `,
  )})`;
}

function hasMark(wanted: readonly string[]): SQL | undefined {
  const isAny = wanted.includes("any");
  const marks = wanted.filter((mark) => !["any", "none", "recording_failed"].includes(mark));
  const isLost = hasRecordingState(GIVEN_UP);
  return or(
    wanted.includes("none") ? and(sql`${calls.attention} = '{}'`, not(isLost)) : undefined,
    isAny ? sql`${calls.attention} <> '{}'` : undefined,
    marks.length === 0 ? undefined : sql`${calls.attention} && ${textArray(marks)}`,
    isAny || wanted.includes("recording_failed") ? isLost : undefined,
  );
}

const wordsOf = (q: string) => q.split(/\s+/).filter((word) => word !== "");

/** Searches a word at the begin of a word in the transcript or the summary, without regard to case. */
function saysWord(db: Queries, orgId: string, word: string, lookedAt: SQLWrapper): SQL {
  // Arrays are computed once. With other forms, a planner that misjudges a table reads the transcripts of all calls of
  // the organization, or reads once for each call.
  const isLookedAt = (id: PgColumn) => sql`${id} = any (array(${lookedAt}))`;
  const says = (text: SQL | typeof callLogs.transcript | typeof callTranscripts.text) =>
    sql`(${text} collate "C" ilike ${`%${rough(word)}%`} and ${text} ~* ${`(^|[^[:alnum:]])${literal(word)}`})`;
  const reports = db
    .select({ id: callLogs.id })
    .from(callLogs)
    .where(
      and(
        eq(callLogs.orgId, orgId),
        isLookedAt(callLogs.id),
        or(says(callLogs.transcript), says(sql`${callLogs.summary}`)),
      ),
    );
  const segments = db
    .select({ id: callTranscripts.callId })
    .from(callTranscripts)
    .where(
      and(eq(callTranscripts.orgId, orgId), isLookedAt(callTranscripts.callId), says(callTranscripts.text)),
    );
  return sql`${calls.id} = any (array(${reports.unionAll(segments)}))`;
}

/**
 * Returns a pattern for a comparison by bytes, which is fast but knows only the case of ASCII: other characters match
 * any character.
 */
function rough(word: string): string {
  return word.replace(/[\\%_]/g, "\\$&").replace(/[^\x20-\x7e]/gu, "_");
}

function literal(word: string): string {
  return word.replace(/[^\p{L}\p{N}]/gu, "\\$&");
}

function textArray(values: readonly string[]): SQL {
  return sql`array[${sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  )}]::text[]`;
}

/** Calls of these agents. `none` stands for the calls without an agent. */
export function hasAgent(agents: readonly string[]): SQL | undefined {
  const ids = agents.filter((agent) => agent !== "none");
  return or(
    ids.length > 0 ? inArray(calls.agentId, ids) : undefined,
    agents.includes("none") ? isNull(calls.agentId) : undefined,
  );
}
