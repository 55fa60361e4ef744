import type { ClaimedRecording } from "@call-ledger/db/jobs";
import { RecordingFault } from "@call-ledger/storage";
import type { LeasedWork } from "../loop/leased-work.ts";
import type { UploadOutcome, UploadPorts } from "./upload-recording.task.ts";
import { uploadRecording } from "./upload-recording.task.ts";

export type RecordingWorkPorts = UploadPorts & {
  readonly leaseSeconds: number;
  /** Upload jobs that are due, at most `max`: the newest, else those that wait longest. */
  claim(max: number, newest: boolean): Promise<readonly ClaimedRecording[]>;
  /** `false`: the job was not held any more. */
  release(job: ClaimedRecording): Promise<boolean>;
  onEnd(job: ClaimedRecording, outcome: UploadOutcome): void;
  onError(error: unknown): void;
};

const LONGEST_ATTEMPT_MS = 1_800_000;

/** Uploads of recordings. */
export function recordingWork(ports: RecordingWorkPorts): LeasedWork<ClaimedRecording, UploadOutcome> {
  return {
    leaseMs: ports.leaseSeconds * 1_000,
    claim: inTurns(ports.claim),
    async run(job, signal) {
      const limit = new AbortController();
      const tookTooLong = () => limit.abort(new RecordingFault("passing", "the attempt took too long"));
      const timer = setTimeout(tookTooLong, LONGEST_ATTEMPT_MS);
      try {
        const outcome = await uploadRecording(job, ports, AbortSignal.any([signal, limit.signal]));
        ports.onEnd(job, outcome);
        return outcome === "lost" && signal.aborted ? null : outcome;
      } finally {
        clearTimeout(timer);
      }
    },
    extend: ports.extend,
    release: ports.release,
    interruption: () => new RecordingFault("lost", "stopped"),
    onError: ports.onError,
  };
}

/** Claims the newest and the oldest in turn, so that a backlog does not delay the calls of today. */
export function inTurns<Answer>(claim: (max: number, newest: boolean) => Answer): (max: number) => Answer {
  let newest = false;
  return (max) => {
    newest = !newest;
    return claim(max, newest);
  };
}
