import type { SQL } from "drizzle-orm";
import { and, asc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { pageIn, placeOf } from "../read/keyset.ts";
import { recordingColumns } from "../read/recording-columns.ts";
import type { RecordingStates } from "../read/recording-states.query.ts";
import { recordingUploadQueue as q } from "../schema/recordings.table.ts";
import type { Change } from "./administration.ts";

/** The condition of each number of `RecordingStates`. */
const STATES: Readonly<Record<keyof RecordingStates, SQL | undefined>> = {
  pending: and(eq(q.status, "pending"), isNull(q.waitsForHost)),
  waiting: and(eq(q.status, "pending"), isNotNull(q.waitsForHost)),
  fetching: eq(q.status, "fetching"),
  stored: eq(q.status, "stored"),
  failed: eq(q.status, "failed"),
  expired: eq(q.status, "expired"),
};

const placeSchema = z.tuple([z.literal("recordings of all"), z.uuid(), z.uuid(), z.string().max(20)]);

/**
 * Returns a page of the recordings of all organizations in a state, by organization and call. Throws DbError and
 * CursorRefused.
 */
export async function listRecordingsOfAll(
  db: Change,
  state: keyof RecordingStates,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
) {
  const after = cursor === undefined ? null : placeOf(placeSchema, cursor);
  const found = await db
    .select({ ...recordingColumns, orgId: q.orgId, callId: q.callId })
    .from(q)
    .where(
      and(
        STATES[state],
        after === null
          ? undefined
          : sql`(${q.orgId}, ${q.callId}, ${q.channel}) > (${after[1]}::uuid, ${after[2]}::uuid, ${after[3]})`,
      ),
    )
    .orderBy(asc(q.orgId), asc(q.callId), asc(q.channel))
    .limit(limit + 1);
  return pageIn(found, limit, (last) => ["recordings of all", last.orgId, last.callId, last.channel]);
}
