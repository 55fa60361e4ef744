import type { SQL } from "drizzle-orm";
import { and, eq, gte, inArray, sql } from "drizzle-orm";
import { calls, recordingUploadQueue } from "../schema/calls.table.ts";
import { isAwaited, startOrFirstSeen } from "./call-filters.ts";
import type { Queries } from "./reader.ts";

const LATELY = sql`now() - interval '30 days'`;

const marked = (mark: string) =>
  sql<number>`(count(*) filter (where ${mark} = any (${calls.attention})))::integer`;

const counted = (condition: SQL) => sql<number>`(count(*) filter (where ${condition}))::integer`;

/**
 * Counts the calls of the last 30 days with each mark, the recordings that will be lost within a day if not fetched,
 * and pending parts: calls without an end, calls whose report is not overdue, and calls whose recording is not stored
 * yet.
 */
export async function readAttention(db: Queries, orgId: string) {
  const q = recordingUploadQueue;
  const [marks] = await db
    .select({
      stuck: marked("stuck"),
      missingReport: marked("missing_report"),
      noCallerSpeech: marked("no_caller_speech"),
    })
    .from(calls)
    .where(and(eq(calls.orgId, orgId), sql`${calls.attention} <> '{}'`, gte(startOrFirstSeen, LATELY)));
  const [failed] = await db
    .select({ calls: sql<number>`count(distinct ${q.callId})::integer` })
    .from(q)
    .innerJoin(calls, and(eq(calls.orgId, q.orgId), eq(calls.id, q.callId)))
    .where(
      and(
        eq(q.orgId, orgId),
        inArray(q.status, ["failed", "expired"]),
        gte(startOrFirstSeen, LATELY),
        // A call that has a recording of another channel, or may still get one, loses nothing.
        sql`not exists (select from ${q} o where o.org_id = ${q.orgId} and o.call_id = ${q.callId}
          and o.status not in ('failed', 'expired'))`,
      ),
    );
  const [near] = await db
    .select({ recordings: sql<number>`count(*)::integer` })
    .from(q)
    .where(
      and(
        eq(q.orgId, orgId),
        inArray(q.status, ["pending", "fetching"]),
        sql`${q.deadline} between now() and now() + interval '1 day'`,
      ),
    );
  const [awaited] = await db
    .select({
      live: counted(sql`${calls.phase} is distinct from 'ended'`),
      reports: counted(sql`${calls.phase} = 'ended'`),
    })
    .from(calls)
    .where(and(eq(calls.orgId, orgId), isAwaited, gte(startOrFirstSeen, LATELY)));
  const [onTheirWay] = await db
    .select({ calls: sql<number>`count(distinct ${q.callId})::integer` })
    .from(q)
    .where(
      and(
        eq(q.orgId, orgId),
        inArray(q.status, ["pending", "fetching"]),
        sql`not exists (select from ${q} o where o.org_id = ${q.orgId} and o.call_id = ${q.callId}
          and o.status = 'stored')`,
      ),
    );
  return {
    pending: {
      live: (awaited?.live ?? 0) + (marks?.stuck ?? 0),
      reports: awaited?.reports ?? 0,
      recordings: onTheirWay?.calls ?? 0,
    },
    stuck: marks?.stuck ?? 0,
    missingReport: marks?.missingReport ?? 0,
    noCallerSpeech: marks?.noCallerSpeech ?? 0,
    recordingFailed: failed?.calls ?? 0,
    recordingsNearDeadline: near?.recordings ?? 0,
  };
}
