import type { Channel } from "@call-ledger/domain";
import type { WorkerSession } from "./worker-session.ts";

/** An upload job that this process holds until its lease ends. Times are milliseconds since 1970. */
export type ClaimedRecording = {
  readonly orgId: string;
  readonly id: string;
  /** Made by the claim: whoever settles the job has to show it. */
  readonly leaseToken: string;
  readonly callId: string;
  readonly channel: Channel;
  /** This one included. */
  readonly attempts: number;
  /** What identifies the recording at the provider. */
  readonly recordingUrl: string | null;
  /** Where it can be fetched until `sourceExpiresAt`. */
  readonly sourceUrl: string | null;
  readonly sourceExpiresAt: number | null;
  readonly queuedAt: number;
  readonly callEndedAt: number | null;
  readonly provider: string;
  readonly providerAccountId: string;
  readonly providerCallId: string;
};

export type ClaimOptions = {
  readonly channels: readonly Channel[];
  readonly most: number;
  /** Newest first; else the one that waits longest. */
  readonly newest: boolean;
  readonly leaseSeconds: number;
};

/** What names a job and proves that it is held. */
export type HeldRecording = Pick<ClaimedRecording, "orgId" | "id" | "leaseToken">;

/** A verified object: its key, its size in bytes and the SHA-256 of its bytes. */
export type StoredObject = { readonly path: string; readonly sizeBytes: number; readonly sha256: Uint8Array };

/** How a failed attempt is booked; times are milliseconds since 1970. */
export type FailedAttempt = {
  readonly verdict: { readonly retryAt: number } | "failed" | "expired";
  /** For a person to read; no URL, no value of the source's. */
  readonly reason: string;
  /** When the provider's copy is gone. */
  readonly deadline: number | null;
};

/** Claims jobs that are due, at most `most`. Throws DbError. */
export async function claimRecordings(
  session: WorkerSession,
  { channels, most, newest, leaseSeconds }: ClaimOptions,
): Promise<ClaimedRecording[]> {
  const rows = await session.run((sql) =>
    sql.unsafe(
      `select *, extract(epoch from source_expires_at) * 1000 as expires_ms, extract(epoch from queued_at) * 1000 as queued_ms,
         extract(epoch from call_ended_at) * 1000 as ended_ms
       from call_ledger.claim_recordings(string_to_array($1, ','), $2::int, $3::boolean, $4::int)`,
      [channels.join(","), most, newest, leaseSeconds],
    ),
  );
  return rows.map((row) => ({
    orgId: row.org_id,
    id: row.id,
    leaseToken: row.lease_token,
    callId: row.call_id,
    channel: row.channel,
    attempts: row.attempts,
    recordingUrl: row.recording_url,
    sourceUrl: row.source_url,
    sourceExpiresAt: milliseconds(row.expires_ms),
    queuedAt: Number(row.queued_ms),
    callEndedAt: milliseconds(row.ended_ms),
    provider: row.provider,
    providerAccountId: row.provider_account_id,
    providerCallId: row.provider_call_id,
  }));
}

/** Whether the job is still held, then for another `leaseSeconds`. Throws DbError. */
export function extendLease(
  session: WorkerSession,
  job: HeldRecording,
  leaseSeconds: number,
): Promise<boolean> {
  return asked(session, "extend_recording_lease($1::uuid, $2::uuid, $3::uuid, $4::int)", [
    ...held(job),
    leaseSeconds,
  ]);
}

/** Gives a job back untried. `false`: it was not held any more. Throws DbError. */
export function releaseRecording(session: WorkerSession, job: HeldRecording): Promise<boolean> {
  return asked(session, "release_recording($1::uuid, $2::uuid, $3::uuid)", held(job));
}

/** Links a verified object to its call. `false`: the job is not held any more, nothing was linked. Throws DbError. */
export function storeRecording(
  session: WorkerSession,
  job: HeldRecording,
  object: StoredObject,
): Promise<boolean> {
  return asked(
    session,
    "store_recording($1::uuid, $2::uuid, $3::uuid, $4::text, $5::bigint, decode($6, 'hex'))",
    [...held(job), object.path, object.sizeBytes, Buffer.from(object.sha256).toString("hex")],
  );
}

/** Books that an attempt failed. `false`: the job is not held any more. Throws DbError. */
export function settleFailure(
  session: WorkerSession,
  job: HeldRecording,
  { verdict, reason, deadline }: FailedAttempt,
): Promise<boolean> {
  const gaveUp = typeof verdict === "string";
  return asked(
    session,
    "settle_recording($1::uuid, $2::uuid, $3::uuid, $4::text, $5::text, $6::text::timestamptz, $7::text::timestamptz)",
    [...held(job), gaveUp ? verdict : "pending", reason, gaveUp ? null : iso(verdict.retryAt), iso(deadline)],
  );
}

function held(job: HeldRecording): string[] {
  return [job.orgId, job.id, job.leaseToken];
}

async function asked(
  session: WorkerSession,
  call: string,
  parameters: (string | number | null)[],
): Promise<boolean> {
  const rows = await session.run((sql) => sql.unsafe(`select call_ledger.${call} as done`, parameters));
  return rows[0]?.done === true;
}

function iso(instant: number | null): string | null {
  return instant === null ? null : new Date(instant).toISOString();
}

function milliseconds(value: unknown): number | null {
  return value === null ? null : Math.floor(Number(value));
}
