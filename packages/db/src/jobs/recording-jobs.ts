import { CHANNELS } from "@call-ledger/domain";
import { z } from "zod";
import { momentSchema, runForOne, runFunction, sqlFunction } from "../client/run-function.ts";
import type { WorkerSession } from "./worker-session.ts";

const claimedSchema = z.object({
  orgId: z.string(),
  id: z.string(),
  /** Made by the claim. The process that settles the job has to give it. */
  leaseToken: z.string(),
  callId: z.string(),
  channel: z.enum(CHANNELS),
  /** The number of attempts, including this one. */
  attempts: z.number(),
  /** The URL that identifies the recording at the provider. */
  recordingUrl: z.string().nullable(),
  /** The URL from which it can be fetched until `sourceExpiresAt`. */
  sourceUrl: z.string().nullable(),
  sourceExpiresAt: momentSchema.nullable(),
  queuedAt: momentSchema,
  callEndedAt: momentSchema.nullable(),
  provider: z.string(),
  providerAccountId: z.string(),
  providerCallId: z.string(),
  /** Hosts from which the account's recordings may be fetched, beside those of its provider. */
  accountHosts: z.array(z.string()),
  /** The host for which the job waited until this claim. */
  waitedForHost: z.string().nullable(),
});

/** An upload job that this process holds until its lease ends. Times are milliseconds since 1970. */
export type ClaimedRecording = Readonly<z.output<typeof claimedSchema>>;

export type ClaimOptions = {
  readonly max: number;
  /** True: the newest job first. False: the job that waits longest first. */
  readonly newest: boolean;
  readonly leaseSeconds: number;
  /**
   * The organization that had the last turn. The next turn is that of the following id. `null`: begin with the first
   * id.
   */
  readonly afterOrgId: string | null;
  /** The organizations of the jobs that the caller holds already, one entry for each job. */
  readonly heldOrgIds: readonly string[];
  /** The max number of jobs of one organization that the caller may hold at once. */
  readonly maxPerOrg: number;
};

/** The ids of a job and the proof that it is held. */
export type HeldRecording = Pick<ClaimedRecording, "orgId" | "id" | "leaseToken">;

/** A verified object: its key, its size in bytes and the SHA-256 of its bytes. */
export type StoredObject = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: Uint8Array;
  /** The key of its waveform's object; `null`: there is none, and `peaksError` says why. */
  readonly peaksPath: string | null;
  readonly peaksError: string | null;
};

type Retry = { readonly retryAt: number };
/**
 * An attempt that does not count. The job is tried again at `retryAt`, or when an operator may have allowed the host.
 */
type WaitForHost = Retry & { readonly waitsForHost: string };

/** The booking of a failed attempt. Times are milliseconds since 1970. */
export type FailedAttempt = {
  readonly verdict: Retry | WaitForHost | "failed" | "expired";
  /** The reason for a person. It contains no URL and no value of the source. */
  readonly reason: string;
  /** The time at which the provider deletes its copy. */
  readonly deadline: number | null;
};

const CLAIM = sqlFunction(
  "call_ledger.claim_recordings_in_turn",
  {
    most: "integer",
    newest: "boolean",
    leaseSeconds: "integer",
    afterOrgId: "uuid",
    heldOrgIds: "uuid[]",
    maxPerOrg: "integer",
  },
  claimedSchema,
);
const HELD = { jobOrgId: "uuid", jobId: "uuid", token: "uuid" } as const;
const EXTEND = sqlFunction("call_ledger.extend_recording", { ...HELD, leaseSeconds: "integer" }, z.boolean());
const RELEASE = sqlFunction("call_ledger.release_recording", HELD, z.boolean());
const STORE = sqlFunction(
  "call_ledger.store_recording_with_peaks",
  { ...HELD, path: "text", size: "bigint", digest: "bytea", waveformPath: "text", waveformError: "text" },
  z.boolean(),
);
const SETTLE = sqlFunction(
  "call_ledger.settle_recording",
  { ...HELD, verdict: "text", reason: "text", retryAt: "timestamptz", lastChance: "timestamptz" },
  z.boolean(),
);
const WAIT = sqlFunction(
  "call_ledger.wait_for_host",
  { ...HELD, host: "text", reason: "text", retryAt: "timestamptz", lastChance: "timestamptz" },
  z.boolean(),
);
const WAKE_WAITING = sqlFunction("call_ledger.wake_waiting_recordings", { accountId: "uuid" }, z.number());

/** Claims due jobs, at most `max`, one organization after another. Throws DbError. */
export function claimRecordings(
  session: WorkerSession,
  { max, ...options }: ClaimOptions,
): Promise<ClaimedRecording[]> {
  return session.run((sql) => runFunction(sql, CLAIM, { ...options, most: max }));
}

/** Extends the lease by `leaseSeconds`. Returns whether the job is still held. Throws DbError. */
export function extendRecording(
  session: WorkerSession,
  job: HeldRecording,
  leaseSeconds: number,
): Promise<boolean> {
  const values = { ...held(job), leaseSeconds };
  return session.run((sql) => runForOne(sql, EXTEND, values));
}

/** Gives a job back without an attempt. Returns `false` if it was no longer held. Throws DbError. */
export function releaseRecording(session: WorkerSession, job: HeldRecording): Promise<boolean> {
  return session.run((sql) => runForOne(sql, RELEASE, held(job)));
}

/**
 * Links a verified object to its call. Returns `false` if the job is no longer held; then nothing was linked. Throws
 * DbError.
 */
export function storeRecording(
  session: WorkerSession,
  job: HeldRecording,
  { path, sizeBytes, sha256, peaksPath, peaksError }: StoredObject,
): Promise<boolean> {
  const object = { path, size: sizeBytes, digest: sha256 };
  const values = { ...held(job), ...object, waveformPath: peaksPath, waveformError: peaksError };
  return session.run((sql) => runForOne(sql, STORE, values));
}

/** Books a failed attempt. Returns `false` if the job is no longer held. Throws DbError. */
export function settleRecording(
  session: WorkerSession,
  job: HeldRecording,
  { verdict, reason, deadline }: FailedAttempt,
): Promise<boolean> {
  const values = { ...held(job), reason, lastChance: deadline };
  if (typeof verdict === "string") {
    return session.run((sql) => runForOne(sql, SETTLE, { ...values, verdict, retryAt: null }));
  }
  const { retryAt } = verdict;
  if ("waitsForHost" in verdict) {
    const waiting = { ...values, host: verdict.waitsForHost, retryAt };
    return session.run((sql) => runForOne(sql, WAIT, waiting));
  }
  return session.run((sql) => runForOne(sql, SETTLE, { ...values, verdict: "pending", retryAt }));
}

/** Makes the jobs due that wait for a host to be allowed, and returns their number. Throws DbError. */
export function wakeWaitingRecordings(session: WorkerSession): Promise<number> {
  return session.run((sql) => runForOne(sql, WAKE_WAITING, { accountId: null }));
}

function held({ orgId, id, leaseToken }: HeldRecording) {
  return { jobOrgId: orgId, jobId: id, token: leaseToken };
}
