export { readAttention } from "./attention.query.ts";
export type { CallChange, CallChanges, ChangePlace } from "./call-changes.query.ts";
export { readCallChanges, readLapsedCredentials } from "./call-changes.query.ts";
export type { CallParts } from "./call-detail.query.ts";
export { findCall, readCall } from "./call-detail.query.ts";
export type { CallSelection } from "./call-filters.ts";
export { readCallNames } from "./call-names.query.ts";
export type { CallOrder } from "./call-order.ts";
export type { CallRecording, WantedRecording } from "./call-recording.query.ts";
export { readCallRecording } from "./call-recording.query.ts";
export type { ComparedCall } from "./compared-calls.query.ts";
export { listComparedCalls } from "./compared-calls.query.ts";
export { CursorRefused } from "./keyset.ts";
export { readLastCalls } from "./last-calls.query.ts";
export { listCalls } from "./list-calls.query.ts";
export type { RecordingSelection } from "./list-recordings.query.ts";
export { listRecordings, readRecording } from "./list-recordings.query.ts";
export type { StoredAccount } from "./provider-accounts.query.ts";
export { findProviderAccounts } from "./provider-accounts.query.ts";
export type { Queries, Reader } from "./reader.ts";
export { openReader } from "./reader.ts";
export type { RecordingStates } from "./recording-states.query.ts";
export { readRecordingStates } from "./recording-states.query.ts";
export { findShareLink } from "./share-link.query.ts";
export type { StatsQuestion } from "./stats.query.ts";
export { readStats, readTimeZone } from "./stats.query.ts";
export type { EventSelection, StoredEvent } from "./stored-events.query.ts";
export { nextStoredEvents, readPromptsOf, readStoredEvent } from "./stored-events.query.ts";
export { readTimeline } from "./timeline.query.ts";
export type { WaitingSelection } from "./waiting-deliveries.query.ts";
export {
  countWaitingDeliveries,
  groupWaitingDeliveries,
  listWaitingDeliveries,
} from "./waiting-deliveries.query.ts";
export { probeWrite } from "./write-probe.query.ts";
