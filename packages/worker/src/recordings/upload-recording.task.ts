import { DbError } from "@call-ledger/db/errors";
import type { ClaimedRecording, FailedAttempt, HeldRecording, StoredObject } from "@call-ledger/db/jobs";
import type { ObjectStorage } from "@call-ledger/storage";
import { objectKey, peaksKey, RecordingFault } from "@call-ledger/storage";
import type { FetchedBody, FetchRequest } from "../egress/guarded-fetch.ts";
import { orAborted } from "../loop/or-aborted.ts";
import type { SourceFault } from "./attempt-verdict.ts";
import { attemptVerdict } from "./attempt-verdict.ts";
import type { Pace } from "./copy-recording.ts";
import { copyRecording } from "./copy-recording.ts";
import type { ApiAccess } from "./recording-sources.ts";
import { sourcesOf } from "./recording-sources.ts";

export type UploadPorts = {
  fetch(request: FetchRequest, signal: AbortSignal): Promise<FetchedBody>;
  readonly storage: ObjectStorage;
  /** Throws DbError. */
  accessOf(job: ClaimedRecording): Promise<ApiAccess | null>;
  /** Extends the lease; `false`: the job is not held any more. */
  extend(job: HeldRecording): Promise<boolean>;
  /** `false`: the job is not held any more, nothing was linked. */
  store(job: HeldRecording, object: StoredObject): Promise<boolean>;
  /** `false`: the job is not held any more. */
  settle(job: HeldRecording, failure: FailedAttempt): Promise<boolean>;
  readonly maxBytes: number;
  readonly pace: Pace;
  /** Bytes of a recording have come and are written. */
  onProgress(): void;
  now(): number;
  /** A number in [0, 1). */
  chance(): number;
  /** Told of what this code did not foresee; the attempt then counts as failed. */
  onUnexpected(error: unknown): void;
};

export type UploadOutcome = "stored" | "retried" | "waiting" | "failed" | "expired" | "lost";

/** A job that was claimed more often has ended the process each time; the retry policy gives up before. */
const MAX_ATTEMPTS = 25;

/**
 * One attempt at one recording: fetched from the first source that hands it out, stored, verified, linked; or its
 * failure booked. `signal` ends it at any moment, for the reason it is given; for the reason `lost` nothing is settled. Throws DbError when the outcome cannot be booked.
 */
export async function uploadRecording(
  job: ClaimedRecording,
  ports: UploadPorts,
  signal: AbortSignal,
): Promise<UploadOutcome> {
  const found = sourcesOf(job, await ports.accessOf(job), ports.now());
  const { sources, unusable, deadline, remedy } = found;
  if (job.attempts > MAX_ATTEMPTS) {
    const failure = { verdict: "failed", reason: "no attempt came to an end", deadline } as const;
    return (await ports.settle(job, failure)) ? "failed" : "lost";
  }
  const faults: SourceFault[] = [...unusable];
  for (const { name, request } of sources) {
    try {
      // Raced, because an attempt that does not hear its signal must not hold a worker.
      const stored = await orAborted(fetchAndStore(job, request, ports, signal), signal);
      return stored ? "stored" : "lost";
    } catch (error) {
      const fault = faultOf(error, ports);
      if (fault.kind === "lost") return "lost";
      faults.push({ source: name, fault });
      if (fault.kind === "storage") break;
    }
  }
  const failure = attemptVerdict({ ...job, failedAt: ports.now(), deadline, faults, remedy }, ports.chance());
  if (!(await ports.settle(job, failure))) return "lost";
  const { verdict } = failure;
  if (typeof verdict === "string") return verdict;
  return "waitsForHost" in verdict ? "waiting" : "retried";
}

async function fetchAndStore(
  job: ClaimedRecording,
  request: FetchRequest,
  ports: UploadPorts,
  signal: AbortSignal,
): Promise<boolean> {
  const body = await ports.fetch(request, signal);
  try {
    const copyPorts = {
      storage: ports.storage,
      keyOf: (type: Parameters<typeof objectKey>[1]) => objectKey(job, type),
      peaksKey: peaksKey(job),
      maxBytes: ports.maxBytes,
      pace: ports.pace,
      onProgress: ports.onProgress,
      onUnexpected: ports.onUnexpected,
      async confirmHeld() {
        if (!(await ports.extend(job))) throw new RecordingFault("lost", "taken over");
      },
    };
    return await ports.store(job, await copyRecording(body, copyPorts, signal));
  } finally {
    body.close();
  }
}

function faultOf(error: unknown, { onUnexpected }: UploadPorts): RecordingFault {
  if (error instanceof DbError) throw error;
  if (error instanceof RecordingFault) return error;
  onUnexpected(error);
  return new RecordingFault("passing", "an unexpected error");
}
