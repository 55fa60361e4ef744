import type { ClaimedRecording, ClaimOptions } from "@call-ledger/db/jobs";
import { withTimeLimit } from "../egress/time-limit.ts";
import type { LeasedWork } from "../loop/leased-work.ts";
import type { UploadOutcome, UploadPorts } from "./upload-recording.task.ts";
import { uploadRecording } from "./upload-recording.task.ts";

type Turn = Omit<ClaimOptions, "leaseSeconds">;

export type RecordingWorkPorts = UploadPorts & {
  readonly leaseSeconds: number;
  /** The max number of jobs of one organization in this process, so that its sources cannot delay those of others. */
  readonly maxPerOrg: number;
  /** Claims upload jobs that are due. */
  claim(turn: Turn): Promise<readonly ClaimedRecording[]>;
  /** Gives a job back. Returns `false` if it was no longer held. */
  release(job: ClaimedRecording): Promise<boolean>;
  onEnd(job: ClaimedRecording, outcome: UploadOutcome): void;
  onError(error: unknown): void;
};

const LIMIT = { ms: 1_800_000, reason: "the attempt took too long" };

/** The upload of recordings as leased work. */
export function recordingWork(ports: RecordingWorkPorts): LeasedWork<ClaimedRecording, UploadOutcome> {
  const turns = takingTurns(ports.maxPerOrg, ports.claim);
  return {
    leaseMs: ports.leaseSeconds * 1_000,
    claim: turns.claim,
    async run(job, signal) {
      try {
        const outcome = await withTimeLimit(LIMIT, signal, (limited) => uploadRecording(job, ports, limited));
        ports.onEnd(job, outcome);
        return outcome === "lost" && signal.aborted ? null : outcome;
      } finally {
        turns.ended(job);
      }
    },
    extend: ports.extend,
    release: ports.release,
    onError: ports.onError,
  };
}

type Turns<Job> = {
  claim(max: number): Promise<readonly Job[]>;
  /** Called when a claimed job no longer runs. */
  ended(job: Job): void;
};

/**
 * Claims for one organization after another, and takes the newest and the oldest job of each in turn. So a backlog
 * delays neither another organization nor today's calls.
 */
export function takingTurns<Job extends { readonly orgId: string }>(
  maxPerOrg: number,
  claim: (turn: Turn) => Promise<readonly Job[]>,
): Turns<Job> {
  const running = new Set<Job>();
  let newest = false;
  let afterOrgId: string | null = null;
  return {
    async claim(max) {
      newest = !newest;
      const heldOrgIds = [...running].map(({ orgId }) => orgId);
      const jobs = await claim({ max, newest, afterOrgId, heldOrgIds, maxPerOrg });
      for (const job of jobs) running.add(job);
      afterOrgId = jobs.at(-1)?.orgId ?? afterOrgId;
      return jobs;
    },
    ended: (job) => void running.delete(job),
  };
}
