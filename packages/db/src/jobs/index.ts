export { findAccountApiKey } from "./account-key.ts";
export type {
  ClaimedRecording,
  ClaimOptions,
  FailedAttempt,
  HeldRecording,
  StoredObject,
} from "./recording-jobs.ts";
export {
  claimRecordings,
  extendLease,
  releaseRecording,
  settleFailure,
  storeRecording,
} from "./recording-jobs.ts";
export type { WakeUps } from "./wake-ups.ts";
export { listenForRecordings } from "./wake-ups.ts";
export type { WorkerSession } from "./worker-session.ts";
export { workerSession } from "./worker-session.ts";
export type { RecordingCounts } from "./worker-signs.ts";
export { beat, countRecordings, wakeWorkers } from "./worker-signs.ts";
