import { CHANNELS } from "@call-ledger/domain";
import { sql } from "drizzle-orm";
import { bigint, check, index, integer, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { ofCall } from "./calls.table.ts";
import { bytea, createdAt, instant, oneOf, updatedAt } from "./organizations.table.ts";

/** One upload job for each recording channel of a call. */
export const recordingUploadQueue = pgTable(
  "recording_upload_queue",
  {
    id: uuid("id").notNull().defaultRandom(),
    orgId: uuid("org_id").notNull(),
    callId: uuid("call_id").notNull(),
    channel: text("channel").notNull(),
    status: text("status").notNull().default("pending"),
    attempts: integer("attempts").notNull().default(0),
    nextAttemptAt: instant("next_attempt_at").notNull().defaultNow(),
    leaseUntil: instant("lease_until"),
    /** Made anew by each claim. A process without the current token may not settle the job. */
    leaseToken: uuid("lease_token"),
    lastError: text("last_error"),
    /** The host from which a pending job may not be fetched yet. */
    waitsForHost: text("waits_for_host"),
    /** When the provider deletes its copy, as known at the last attempt. */
    deadline: instant("deadline"),
    /** The URL that identifies the recording at the provider. It may not be fetchable. */
    recordingUrl: text("recording_url"),
    /** The URL from which it can be fetched until `source_expires_at`. */
    sourceUrl: text("source_url"),
    sourceExpiresAt: instant("source_expires_at"),
    storagePath: text("storage_path"),
    sizeBytes: bigint("size_bytes", { mode: "number" }),
    sha256: bytea("sha256"),
    /** The key of its waveform's object. */
    peaksPath: text("peaks_path"),
    /** Why a stored recording has no waveform. */
    peaksError: text("peaks_error"),
    /** Until this time an object that an attempt has left is being removed, and nothing may be linked. */
    objectHeldUntil: instant("object_held_until"),
    startedAt: instant("started_at"),
    finishedAt: instant("finished_at"),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [
    primaryKey({ name: "recording_upload_queue_pkey", columns: [t.orgId, t.id] }),
    unique("recording_upload_queue_org_call_channel_key").on(t.orgId, t.callId, t.channel),
    ofCall("recording_upload_queue", t.orgId, t.callId),
    index("recording_upload_queue_turns_idx")
      .on(t.orgId, t.nextAttemptAt)
      .where(sql`${t.status} in ('pending', 'fetching')`),
    index("recording_upload_queue_given_up_idx")
      .on(t.finishedAt)
      .where(sql`${t.status} in ('failed', 'expired')`),
    index("recording_upload_queue_waiting_idx")
      .on(t.orgId)
      .where(sql`${t.status} = 'pending' and ${t.waitsForHost} is not null`),
    index("recording_upload_queue_held_idx")
      .on(t.objectHeldUntil)
      .where(sql`${t.objectHeldUntil} is not null`),
    check("recording_upload_queue_org_id_not_null", sql`${t.orgId} is not null`),
    check("recording_upload_queue_channel_known", sql`${t.channel} in (${oneOf(CHANNELS)})`),
    check(
      "recording_upload_queue_status_known",
      sql`${t.status} in ('pending', 'fetching', 'stored', 'failed', 'expired')`,
    ),
    check("recording_upload_queue_attempts_not_negative", sql`${t.attempts} >= 0`),
    check(
      "recording_upload_queue_stored_has_path",
      sql`${t.status} <> 'stored' or ${t.storagePath} is not null`,
    ),
    check("recording_upload_queue_sha256_is_sha256", sql`octet_length(${t.sha256}) = 32`),
    check(
      "recording_upload_queue_only_stored_has_peaks",
      sql`${t.status} = 'stored' or ${t.peaksPath} is null`,
    ),
    check(
      "recording_upload_queue_stored_is_not_held",
      sql`${t.status} <> 'stored' or ${t.objectHeldUntil} is null`,
    ),
  ],
);
