import { DbError } from "@call-ledger/db/errors";
import type { ClaimedRecording, FailedAttempt, HeldRecording, StoredObject } from "@call-ledger/db/jobs";
import type { ObjectStorage } from "@call-ledger/storage";
import { objectKey, peaksKey, StorageFault } from "@call-ledger/storage";
import { EgressFault } from "../egress/egress-fault.ts";
import type { FetchedBody, FetchRequest } from "../egress/guarded-fetch.ts";
import { JobInterrupted } from "../loop/leased-work.ts";
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
  /** Returns the access to the provider's API for a job. Throws DbError. */
  accessOf(job: ClaimedRecording): Promise<ApiAccess | null>;
  /** Extends the lease. Returns `false` if the job is no longer held. */
  extend(job: HeldRecording): Promise<boolean>;
  /** Links the object. Returns `false` if the job is no longer held; then nothing was linked. */
  store(job: HeldRecording, object: StoredObject): Promise<boolean>;
  /** Books the failure. Returns `false` if the job is no longer held. */
  settle(job: HeldRecording, failure: FailedAttempt): Promise<boolean>;
  readonly maxBytes: number;
  readonly pace: Pace;
  /** Called when bytes of a recording were received and written. */
  onProgress(): void;
  now(): number;
  /** Returns a random number in [0, 1). */
  chance(): number;
  /** Called with an error that this code did not foresee. The attempt then counts as failed. */
  onUnexpected(error: unknown): void;
};

export type UploadOutcome = "stored" | "retried" | "waiting" | "failed" | "expired" | "lost";

/** A job that was claimed more often than this has crashed the process each time. The retry policy gives up earlier. */
const MAX_ATTEMPTS = 25;

/**
 * Makes one attempt at one recording: fetches it from the first source that has it, stores, verifies and links it, or
 * books the failure. `signal` interrupts it at any moment. If the reason is JobInterrupted, nothing is booked. Throws
 * DbError if the outcome cannot be booked.
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
  for (const { name, request, isLastResort = false } of sources) {
    if (isLastResort && !faults.some(isDeadLink)) continue;
    try {
      // An attempt that ignores its signal must not block a worker.
      const stored = await orAborted(fetchAndStore(job, request, ports, signal), signal);
      return stored ? "stored" : "lost";
    } catch (error) {
      if (error instanceof JobInterrupted) return "lost";
      const fault = faultOf(error, ports);
      faults.push({ source: name, fault });
      if (fault instanceof StorageFault) break;
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
        if (!(await ports.extend(job))) throw new JobInterrupted();
      },
    };
    return await ports.store(job, await copyRecording(body, copyPorts, signal));
  } finally {
    body.close();
  }
}

/** Whether a source redirected to a link that did not send the recording. */
function isDeadLink({ fault }: SourceFault): boolean {
  return fault instanceof EgressFault && fault.isRedirected && fault.kind === "gone";
}

function faultOf(error: unknown, { onUnexpected }: UploadPorts): SourceFault["fault"] {
  if (error instanceof DbError) throw error;
  if (error instanceof EgressFault || error instanceof StorageFault) return error;
  onUnexpected(error);
  return new EgressFault("passing", "an unexpected error");
}
