import type { SQL } from "drizzle-orm";
import { and, eq, inArray, sql } from "drizzle-orm";
import { calls } from "../schema/calls.table.ts";
import { organizations } from "../schema/organizations.table.ts";
import { recordingUploadQueue } from "../schema/recordings.table.ts";
import { isAwaited, isCloseToDeadline, startOrFirstSeen } from "./call-filters.ts";
import type { Queries } from "./reader.ts";

/** The calls of the last 30 days and of today, in the organization's calendar: those of a list from that day on. */
const sinceDay = (orgId: string) => sql`${startOrFirstSeen} >= (
  select ((now() at time zone o.time_zone)::date - 30)::timestamp at time zone o.time_zone
  from ${organizations} o where o.id = ${orgId})`;

const marked = (mark: string) =>
  sql<number>`(count(*) filter (where ${mark} = any (${calls.attention})))::integer`;

const counted = (condition: SQL) => sql<number>`(count(*) filter (where ${condition}))::integer`;

/**
 * Counts the calls of the last 30 days and of today with each mark, the recordings that will be lost within a day if
 * not fetched, and parts that are pending and not overdue: the ends and the reports of calls, and recordings.
 */
export async function readAttention(db: Queries, orgId: string) {
  const marks = db
    .select({
      stuck: marked("stuck").as("stuck"),
      missingReport: marked("missing_report").as("missing_report"),
      noCallerSpeech: marked("no_caller_speech").as("no_caller_speech"),
    })
    .from(calls)
    .where(and(eq(calls.orgId, orgId), sql`${calls.attention} <> '{}'`, sinceDay(orgId)))
    .as("marks");
  const awaited = db
    .select({
      live: counted(sql`${calls.phase} is distinct from 'ended'`).as("live"),
      reports: counted(sql`${calls.phase} = 'ended'`).as("reports"),
    })
    .from(calls)
    .where(and(eq(calls.orgId, orgId), isAwaited, sinceDay(orgId)))
    .as("awaited");
  const { failed, near, onTheirWay } = recordingCounts(db, orgId);
  // Each is one row, so that the figures are of one moment and of one question.
  const [found] = await db
    .select({
      stuck: marks.stuck,
      missingReport: marks.missingReport,
      noCallerSpeech: marks.noCallerSpeech,
      recordingFailed: failed.calls,
      recordingsNearDeadline: near.recordings,
      live: awaited.live,
      reports: awaited.reports,
      recordings: onTheirWay.calls,
    })
    .from(marks)
    .crossJoin(failed)
    .crossJoin(near)
    .crossJoin(awaited)
    .crossJoin(onTheirWay);
  if (found === undefined) throw new Error("the counts of calls have no row");
  const { live, reports, recordings, ...figures } = found;
  return { pending: { live, reports, recordings }, ...figures };
}

function recordingCounts(db: Queries, orgId: string) {
  const q = recordingUploadQueue;
  const failed = db
    .select({ calls: sql<number>`count(distinct ${q.callId})::integer`.as("failed_calls") })
    .from(q)
    .innerJoin(calls, and(eq(calls.orgId, q.orgId), eq(calls.id, q.callId)))
    .where(
      and(
        eq(q.orgId, orgId),
        inArray(q.status, ["failed", "expired"]),
        sinceDay(orgId),
        // A call that has a recording of another channel, or may still get one, loses nothing.
        sql`not exists (select from ${q} o where o.org_id = ${q.orgId} and o.call_id = ${q.callId}
          and o.status not in ('failed', 'expired'))`,
      ),
    )
    .as("failed");
  const near = db
    .select({ recordings: sql<number>`count(*)::integer`.as("recordings") })
    .from(q)
    .where(and(eq(q.orgId, orgId), isCloseToDeadline(24)))
    .as("near");
  const onTheirWay = db
    .select({ calls: sql<number>`count(distinct ${q.callId})::integer`.as("awaited_calls") })
    .from(q)
    .where(
      and(
        eq(q.orgId, orgId),
        inArray(q.status, ["pending", "fetching"]),
        sql`not exists (select from ${q} o where o.org_id = ${q.orgId} and o.call_id = ${q.callId}
          and o.status = 'stored')`,
      ),
    )
    .as("on_their_way");
  return { failed, near, onTheirWay };
}
