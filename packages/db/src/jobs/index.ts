export { findAccountApiKey } from "./account-key.ts";
export type {
  HeldRun,
  HousekeepingProgress,
  HousekeepingResult,
  ScheduledJob,
} from "./housekeeping-runs.ts";
export {
  claimHousekeeping,
  extendHousekeeping,
  releaseHousekeeping,
  settleHousekeeping,
} from "./housekeeping-runs.ts";
export type { OverdueLimits, QuarantineAges, QuarantineCut } from "./ledger-upkeep.ts";
export {
  capQuarantine,
  dropCallChanges,
  dropExpiredAccess,
  markOverdueCalls,
  quarantineAges,
  recordDatabaseSize,
  releaseExpiredLeases,
} from "./ledger-upkeep.ts";
export type { KeyedObject, ObjectVerdict } from "./object-links.ts";
export { freeObject, holdObject, judgeObjects } from "./object-links.ts";
export type {
  CallToAsk,
  CallToCompare,
  Compared,
  ComparedCall,
  HeldReconciliation,
  ProviderCallNote,
} from "./reconciliations.ts";
export {
  callsToAsk,
  claimReconciliation,
  compareCalls,
  dropProviderCalls,
  extendReconciliation,
  hasCallsBetween,
  noteComparisonKey,
  noteProviderCalls,
  noteUnread,
  settleReconciliation,
} from "./reconciliations.ts";
export type {
  ClaimedRecording,
  ClaimOptions,
  FailedAttempt,
  HeldRecording,
  StoredObject,
} from "./recording-jobs.ts";
export {
  claimRecordings,
  extendRecording,
  releaseRecording,
  settleRecording,
  storeRecording,
  wakeWaitingRecordings,
} from "./recording-jobs.ts";
export type { RetentionBatch, RetentionMark, RetentionStep } from "./retention.ts";
export { dropEvents, dropPayloads, dropQuarantined, FROM_THE_BEGINNING } from "./retention.ts";
export type { WakeUps } from "./wake-ups.ts";
export { listenForRecordings, wakeWorkers } from "./wake-ups.ts";
export type { WorkerSession } from "./worker-session.ts";
export { isWorkersLogin, workerSession } from "./worker-session.ts";
export type { RecordingCounts } from "./worker-signs.ts";
export { countRecordings, sendHeartbeat } from "./worker-signs.ts";
