import type {
  HousekeepingProgress,
  HousekeepingResult,
  OverdueLimits,
  WorkerSession,
} from "@call-ledger/db/jobs";
import type { ObjectStorage } from "@call-ledger/storage";

/** How long things are kept, how large they may get, and when a call is overdue. */
export type HousekeepingLimits = {
  readonly payloadRetentionDays: number;
  readonly eventRetentionDays: number;
  readonly databaseLimitMb: number;
  readonly overdue: OverdueLimits;
};

/** What a job works with. */
export type HousekeepingPorts = {
  readonly session: WorkerSession;
  readonly storage: ObjectStorage;
  readonly limits: HousekeepingLimits;
  /** Milliseconds since 1970. */
  now(): number;
};

/** One run of a job, held by this process as long as `signal` is not aborted. */
export type HousekeepingTurn = HousekeepingPorts & {
  /** A person asked for it: nothing is taken for done because an earlier run said so. */
  readonly byHand: boolean;
  /** What the last run has left. */
  readonly progress: HousekeepingProgress | null;
  /** Keeps how far this run has come, for the next one. */
  comeTo(progress: HousekeepingProgress): void;
  readonly signal: AbortSignal;
};

export type HousekeepingOutcome = {
  readonly result: HousekeepingResult;
  /** How many things are different now; a run that changed nothing is not worth a line in the log. */
  readonly changed: number;
  /** What a person has to know or do; quotes no value. */
  readonly alert: string | null;
};

/** Work that is due now and then, once for the cluster. */
export type HousekeepingJob = {
  readonly name: string;
  readonly everySeconds: number;
  /** Runs may be cut short at any point and repeated. Throws DbError, RecordingFault `storage`, or the signal's reason. */
  run(turn: HousekeepingTurn): Promise<HousekeepingOutcome>;
};
