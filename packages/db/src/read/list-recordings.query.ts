import { and, desc, eq, inArray, sql } from "drizzle-orm";
import { z } from "zod";
import { calls } from "../schema/calls.table.ts";
import { recordingUploadQueue } from "../schema/recordings.table.ts";
import { cursorOf, placeOf } from "./keyset.ts";
import type { Queries } from "./reader.ts";
import { recordingColumns } from "./recording-columns.ts";

export type RecordingSelection = {
  readonly state?: readonly string[] | undefined;
  readonly channel?: readonly string[] | undefined;
  readonly deadlineWithinHours?: number | undefined;
};

/** The max number of recordings that one page searches, as for calls. */
const MAX_LOOKED_AT = 10_000;

const placeSchema = z.tuple([z.literal("recordings"), z.uuid(), z.string().max(20)]);

/** Returns a page of an organization's recordings, those of the newest calls first. Throws CursorRefused. */
export async function listRecordings(
  db: Queries,
  orgId: string,
  {
    selection: { state, channel, deadlineWithinHours },
    limit,
    cursor,
  }: {
    readonly selection: RecordingSelection;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
) {
  const q = recordingUploadQueue;
  const place = cursor === undefined ? null : placeOf(placeSchema, cursor);
  const looked = db
    .select()
    .from(q)
    .where(
      and(
        eq(q.orgId, orgId),
        place === null ? undefined : sql`(${q.callId}, ${q.channel}) < (${place[1]}::uuid, ${place[2]})`,
      ),
    )
    // The ids of calls grow with time.
    .orderBy(desc(q.callId), desc(q.channel))
    .limit(MAX_LOOKED_AT)
    .as("recording_upload_queue");
  const found = await db
    .select({ ...recordingColumns, callId: q.callId, providerCallId: calls.providerCallId })
    .from(looked)
    .innerJoin(calls, and(eq(calls.orgId, q.orgId), eq(calls.id, q.callId)))
    .where(
      and(
        state && inArray(q.status, [...state]),
        channel && inArray(q.channel, [...channel]),
        deadlineWithinHours === undefined
          ? undefined
          : sql`${q.status} <> 'stored' and ${q.deadline} <= now() + make_interval(hours => ${deadlineWithinHours})`,
      ),
    )
    .orderBy(desc(q.callId), desc(q.channel))
    .limit(limit + 1);
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  if (last !== undefined) return { rows, nextCursor: cursorOf(["recordings", last.callId, last.channel]) };
  const [end] = await db
    .select({ callId: q.callId, channel: q.channel })
    .from(looked)
    .offset(MAX_LOOKED_AT - 1)
    .limit(1);
  return { rows, nextCursor: end === undefined ? null : cursorOf(["recordings", end.callId, end.channel]) };
}

/** Returns one of the organization's recordings by its id; `null` if there is none. */
export async function readRecording(db: Queries, orgId: string, id: string) {
  const [row] = await db
    .select({ ...recordingColumns, callId: recordingUploadQueue.callId })
    .from(recordingUploadQueue)
    .where(and(eq(recordingUploadQueue.orgId, orgId), eq(recordingUploadQueue.id, id)));
  return row ?? null;
}
