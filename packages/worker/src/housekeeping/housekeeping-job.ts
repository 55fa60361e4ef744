import type {
  HousekeepingProgress,
  HousekeepingResult,
  OverdueLimits,
  WorkerSession,
} from "@call-ledger/db/jobs";
import type { ObjectStorage } from "@call-ledger/storage";

/** The limits of retention, sizes and overdue calls. */
export type HousekeepingLimits = {
  readonly payloadRetentionDays: number;
  readonly eventRetentionDays: number;
  readonly databaseLimitMb: number;
  readonly overdue: OverdueLimits;
};

/** The database, the storage and the limits that jobs use. */
export type HousekeepingPorts = {
  readonly session: WorkerSession;
  readonly storage: ObjectStorage;
  readonly limits: HousekeepingLimits;
  /** Returns milliseconds since 1970. */
  now(): number;
};

/** One run of a job. This process holds it as long as `signal` is not aborted. */
export type HousekeepingTurn = HousekeepingPorts & {
  /** Whether a person started the run. Then nothing is skipped because an earlier run has done it. */
  readonly byHand: boolean;
  /** The progress that the last run has stored. */
  readonly progress: HousekeepingProgress | null;
  /** Stores the progress of this run for the next one. */
  comeTo(progress: HousekeepingProgress): void;
  readonly signal: AbortSignal;
};

export type HousekeepingOutcome = {
  readonly result: HousekeepingResult;
  /** The number of things that the run changed. A run that changed nothing is not logged. */
  readonly changed: number;
  /** A fact that a person has to know or to act on. Contains no value. */
  readonly alert: string | null;
};

/** Periodic work that runs once for the cluster. */
export type HousekeepingJob = {
  readonly name: string;
  readonly everySeconds: number;
  /**
   * Runs the job. A run may be interrupted at any point and repeated. Throws DbError, StorageFault, or the
   * signal's reason.
   */
  run(turn: HousekeepingTurn): Promise<HousekeepingOutcome>;
};
