import type { Channel } from "@call-ledger/domain";
import { CHANNELS, isUuid } from "@call-ledger/domain";
import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { parsedRow } from "../client/run-function.ts";
import { PLATFORM_ACCOUNTS } from "../schema/platform-accounts.ts";
import { readAs } from "./reader-session.ts";

const recordingSchema = z.discriminatedUnion("state", [
  /** No report has named a recording. */
  z.object({ state: z.literal("none") }),
  /** The recording is being fetched. `retryAfterSeconds`: when the state can have changed, 1 or more. */
  z.object({
    state: z.enum(["pending", "fetching"]),
    reason: z.string().nullable(),
    retryAfterSeconds: z.number(),
  }),
  z.object({ state: z.enum(["failed", "expired"]), reason: z.string().nullable() }),
  z.object({
    state: z.literal("stored"),
    path: z.string(),
    sha256: z.string().nullable(),
    /** The key of its waveform's object; `null`: there is none, and `peaksError` says why if that is known. */
    peaksPath: z.string().nullable(),
    peaksError: z.string().nullable(),
  }),
]);

/** The state of the recording of a call. */
export type CallRecording = Readonly<z.output<typeof recordingSchema>>;

export type WantedRecording = {
  /** The call's id, ours or the provider's. */
  readonly call: string;
  /** `null`: the first of CHANNELS that is stored, else the first that is known. */
  readonly channel: Channel | null;
};

/**
 * Looks a call up by either id with an index. The providers are named, so that the index of provider and call can be
 * used.
 */
const QUERY = `
  select coalesce(q.status, 'none') as state, q.last_error as reason, q.storage_path as path,
    encode(q.sha256, 'hex') as sha256, q.peaks_path, q.peaks_error,
    greatest(1, ceil(extract(epoch from q.next_attempt_at - now())))::int as retry_after_seconds
  from (
    select 1 as rank, c.org_id, c.id from public.calls c where c.org_id = nullif($6::text, '')::uuid and c.id = $1::uuid
    union all
    select 2, c.org_id, c.id from public.calls c
    where c.org_id = nullif($6::text, '')::uuid and c.provider = any (string_to_array($2::text, ',')) and c.provider_call_id = $3::text
    order by rank limit 1) k
  left join lateral (
    select * from public.recording_upload_queue q
    where q.org_id = k.org_id and q.call_id = k.id and ($4::text is null or q.channel = $4::text)
    order by q.status = 'stored' desc, array_position(string_to_array($5::text, ','), q.channel) limit 1) q on true`;

/** Returns the recording of one of the organization's calls; `null` if it has no such call. Throws DbError. */
export async function readCallRecording(
  pool: Pool,
  orgId: string,
  { call, channel }: WantedRecording,
  deadlineMs: number,
): Promise<CallRecording | null> {
  const id = isUuid(call) ? call : null;
  const providers = Object.keys(PLATFORM_ACCOUNTS).join(",");
  const [row] = await readAs(
    pool,
    orgId,
    (sql) => sql.unsafe(QUERY, [id, providers, call, channel, CHANNELS.join(","), orgId]),
    deadlineMs,
  );
  return row === undefined ? null : parsedRow(recordingSchema, row);
}
