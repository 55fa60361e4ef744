import type { Owner } from "../owner.ts";

export const RECORDING_STATUSES = ["pending", "waiting", "fetching", "stored", "failed", "expired"] as const;
export type RecordingStatus = (typeof RECORDING_STATUSES)[number];

/** An upload job for display, without a URL. `waiting` is a pending job whose host is not allowed. */
export type RecordingJob = {
  readonly id: string;
  readonly orgId: string;
  readonly callId: string;
  readonly channel: string;
  readonly status: RecordingStatus;
  readonly attempts: number;
  /** The reason why the last attempt failed. */
  readonly reason: string | null;
  readonly nextAttemptAt: Date | null;
  /** The time after which the provider's copy cannot be fetched, if an attempt has found it out. */
  readonly deadline: Date | null;
  readonly storagePath: string | null;
};

/** Upload jobs, the newest first. Throws DbError. */
export function listRecordings(
  owner: Owner,
  { status, limit }: { readonly status?: RecordingStatus | undefined; readonly limit: number },
): Promise<RecordingJob[]> {
  return owner.run(
    (sql) => sql<RecordingJob[]>`
    select id, org_id as "orgId", call_id as "callId", channel, s.status, attempts, last_error as reason,
      case when s.status in ('pending', 'waiting', 'fetching') then next_attempt_at end as "nextAttemptAt",
      deadline, storage_path as "storagePath"
    from recording_upload_queue q
    cross join lateral (
      select case when q.status = 'pending' and q.waits_for_host is not null then 'waiting' else q.status end as status) s
    where ${status === undefined ? sql`true` : sql`s.status = ${status}`}
    order by created_at desc, id limit ${limit}`,
  );
}

/**
 * Makes uploads due now that were given up or wait for a host, as the API does. `ids` null: all of them. Returns the
 * ids of the changed ones. Throws DbError.
 */
export async function retryRecordings(owner: Owner, ids: readonly string[] | null): Promise<string[]> {
  const rows = await owner.run(
    // The calls are locked in the order of the write path.
    (sql) => sql<{ id: string }[]>`
    select j.id
    from (
      select q.org_id, q.id from recording_upload_queue q join calls k on k.org_id = q.org_id and k.id = q.call_id
      where q.status in ('failed', 'expired', 'pending') and ${ids === null ? sql`true` : sql`q.id in ${sql(ids)}`}
      order by k.org_id, k.provider, k.provider_call_id
      offset 0) j
    where call_ledger.retry_recording(j.org_id, j.id)`,
  );
  return rows.map(({ id }) => id);
}

/** An agent whose newest conversations have no recording. */
export type UnrecordedAgent = {
  /** The provider's id; `null`: calls without a registered agent. */
  readonly providerAgentId: string | null;
  readonly lastRecordedAt: Date | null;
};

/** So many conversations without a recording are no accident. */
export const UNRECORDED_CONVERSATIONS = 3;

/**
 * The agents of an account whose newest three conversations have reports, and none of the reports has named a
 * recording. Reads the newest 1,000 conversations of the last two weeks. Throws DbError.
 */
export function listUnrecordedAgents(owner: Owner, accountId: string): Promise<UnrecordedAgent[]> {
  return owner.run(
    (sql) => sql<UnrecordedAgent[]>`
    with conversations as (
      select org_id, agent_id, created_at,
        exists (select from recording_upload_queue q where q.org_id = c.org_id and q.call_id = c.id) as recorded,
        row_number() over (partition by org_id, agent_id order by created_at desc) as place
      from (
        select org_id, id, agent_id, created_at from calls
        where provider_account_id = ${accountId} and created_at > now() - interval '14 days'
          and caller_turns > 0 and awaits_report is not true
        order by created_at desc limit 1000) c)
    select a.provider_agent_id as "providerAgentId", max(c.created_at) filter (where recorded) as "lastRecordedAt"
    from conversations c left join agents a on a.org_id = c.org_id and a.id = c.agent_id
    group by c.org_id, c.agent_id, a.provider_agent_id
    having count(*) >= ${UNRECORDED_CONVERSATIONS}
      and not bool_or(recorded and place <= ${UNRECORDED_CONVERSATIONS})
    order by 1`,
  );
}

/** Counts the stored recordings without a checksum, whose path came from outside. Throws DbError. */
export async function countWithoutChecksum(owner: Owner): Promise<number> {
  const [row] = await owner.run(
    (sql) => sql<{ count: number }[]>`
    select count(*)::int as count from recording_upload_queue
    where status = 'stored' and (sha256 is null or size_bytes is null)`,
  );
  return row?.count ?? 0;
}

/** A stored recording, and the size and checksum that its object must have. */
export type StoredRecording = {
  readonly id: string;
  readonly callId: string;
  readonly path: string;
  /** In bytes. */
  readonly sizeBytes: number;
  /** The checksum of its bytes, as lower case hex. */
  readonly sha256: string;
};

/**
 * Returns at most `limit` stored recordings by id, after the id `after`. `ids` null: of all stored ones. Throws
 * DbError.
 */
export function listStoredRecordings(
  owner: Owner,
  {
    ids,
    after,
    limit,
  }: { readonly ids: readonly string[] | null; readonly after: string; readonly limit: number },
): Promise<StoredRecording[]> {
  return owner.run(
    (sql) => sql<StoredRecording[]>`
    select id, call_id as "callId", storage_path as path, size_bytes::float8 as "sizeBytes",
      encode(sha256, 'hex') as sha256
    from recording_upload_queue
    where status = 'stored' and sha256 is not null and size_bytes is not null
      and id > ${after} and ${ids === null ? sql`true` : sql`id in ${sql(ids)}`}
    order by id limit ${limit}`,
  );
}
