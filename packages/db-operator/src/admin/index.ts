export { asOperator, OPERATOR, withOperator } from "../operator.ts";
export type { Owner } from "../owner.ts";
export { withOwner } from "../owner.ts";
export { readAlertDelivery } from "./alert-delivery.ts";
export type { MarkedCall } from "./calls.ts";
export { listAttention } from "./calls.ts";
export type { LedgerConstraint, Refusals } from "./constraints.ts";
export { constraintBack, dropConstraint, findConstraint, listRefusals } from "./constraints.ts";
export type { HousekeepingRun } from "./housekeeping.ts";
export { listHousekeeping } from "./housekeeping.ts";
export type { Probe, ProbeRows } from "./probe.ts";
export { openProbe } from "./probe.ts";
export type { AccountChange, ProviderAccount } from "./provider-accounts.ts";
export {
  addProviderAccount,
  beginSecretRotation,
  changeRecordingHosts,
  finishSecretRotation,
  listProviderAccounts,
  replaceAccountApiKey,
} from "./provider-accounts.ts";
export type { RecordingJob, StoredRecording } from "./recordings.ts";
export { listRecordings, listStoredRecordings, RECORDING_STATUSES, retryRecordings } from "./recordings.ts";
