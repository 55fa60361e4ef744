import { CHANNELS } from "@call-ledger/domain";
import { z } from "zod";
import { runForOne, runFunction, sqlFunction } from "../client/run-function.ts";
import type { WorkerSession } from "./worker-session.ts";

const instant = z.string().transform((text) => Date.parse(text));

const claimedSchema = z.object({
  orgId: z.string(),
  id: z.string(),
  /** Made by the claim: whoever settles the job has to show it. */
  leaseToken: z.string(),
  callId: z.string(),
  channel: z.enum(CHANNELS),
  /** This one included. */
  attempts: z.number(),
  /** What identifies the recording at the provider. */
  recordingUrl: z.string().nullable(),
  /** Where it can be fetched until `sourceExpiresAt`. */
  sourceUrl: z.string().nullable(),
  sourceExpiresAt: instant.nullable(),
  queuedAt: instant,
  callEndedAt: instant.nullable(),
  provider: z.string(),
  providerAccountId: z.string(),
  providerCallId: z.string(),
  /** Hosts that the account's recordings may be fetched from, beside those of its provider. */
  accountHosts: z.array(z.string()),
  /** The host that the job has waited for, until this claim. */
  waitedForHost: z.string().nullable(),
});

/** An upload job that this process holds until its lease ends. Times are milliseconds since 1970. */
export type ClaimedRecording = Readonly<z.output<typeof claimedSchema>>;

export type ClaimOptions = {
  readonly max: number;
  /** Newest first; else the one that waits longest. */
  readonly newest: boolean;
  readonly leaseSeconds: number;
  /** Organizations take turns by their ids: the first turn after this one's. `null`: from the first on. */
  readonly afterOrgId: string | null;
  /** The organizations of the jobs that the caller holds already, one entry a job. */
  readonly heldOrgIds: readonly string[];
  /** How many jobs of one organization the caller may hold at once. */
  readonly maxPerOrg: number;
};

/** What names a job and proves that it is held. */
export type HeldRecording = Pick<ClaimedRecording, "orgId" | "id" | "leaseToken">;

/** A verified object: its key, its size in bytes and the SHA-256 of its bytes. */
export type StoredObject = {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: Uint8Array;
  /** The key of its waveform's object; `null`: it has none, and `peaksError` says why in words. */
  readonly peaksPath: string | null;
  readonly peaksError: string | null;
};

type Retry = { readonly retryAt: number };
/** The attempt does not count; the job is tried again at `retryAt`, or when somebody may have allowed the host. */
type WaitForHost = Retry & { readonly waitsForHost: string };

/** How a failed attempt is booked; times are milliseconds since 1970. */
export type FailedAttempt = {
  readonly verdict: Retry | WaitForHost | "failed" | "expired";
  /** For a person to read; no URL, no value of the source's. */
  readonly reason: string;
  /** When the provider's copy is gone. */
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

/** Claims jobs that are due, at most `max`, one organization after the other. Throws DbError. */
export function claimRecordings(
  session: WorkerSession,
  { max, ...options }: ClaimOptions,
): Promise<ClaimedRecording[]> {
  return session.run((sql) => runFunction(sql, CLAIM, { ...options, most: max }));
}

/** Whether the job is still held, then for another `leaseSeconds`. Throws DbError. */
export function extendRecording(
  session: WorkerSession,
  job: HeldRecording,
  leaseSeconds: number,
): Promise<boolean> {
  const values = { ...held(job), leaseSeconds };
  return session.run((sql) => runForOne(sql, EXTEND, values));
}

/** Gives a job back untried. `false`: it was not held any more. Throws DbError. */
export function releaseRecording(session: WorkerSession, job: HeldRecording): Promise<boolean> {
  return session.run((sql) => runForOne(sql, RELEASE, held(job)));
}

/** Links a verified object to its call. `false`: the job is not held any more, nothing was linked. Throws DbError. */
export function storeRecording(
  session: WorkerSession,
  job: HeldRecording,
  { path, sizeBytes, sha256, peaksPath, peaksError }: StoredObject,
): Promise<boolean> {
  const object = { path, size: sizeBytes, digest: sha256 };
  const values = { ...held(job), ...object, waveformPath: peaksPath, waveformError: peaksError };
  return session.run((sql) => runForOne(sql, STORE, values));
}

/** Books that an attempt failed. `false`: the job is not held any more. Throws DbError. */
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

/** Makes the jobs due that wait for a host to be allowed; returns how many. Throws DbError. */
export function wakeWaitingRecordings(session: WorkerSession): Promise<number> {
  return session.run((sql) => runForOne(sql, WAKE_WAITING, { accountId: null }));
}

function held({ orgId, id, leaseToken }: HeldRecording) {
  return { jobOrgId: orgId, jobId: id, token: leaseToken };
}
