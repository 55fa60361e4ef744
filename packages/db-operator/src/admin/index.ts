export { asOperator, operatorPool, withOperator } from "../operator.ts";
export type { Owner } from "../owner.ts";
export { withOwner } from "../owner.ts";
export { readAlertDelivery } from "./alert-delivery.ts";
export type { MarkedCall } from "./calls.ts";
export { listAttention } from "./calls.ts";
export type { LedgerConstraint, Refusals } from "./constraints.ts";
export { constraintBack, dropConstraint, findConstraint, listRefusals } from "./constraints.ts";
export type { Probe, ProbeRows } from "./probe.ts";
export { openProbe } from "./probe.ts";
export type { ProviderAccount } from "./provider-accounts.ts";
export { listProviderAccounts } from "./provider-accounts.ts";
export type { RecordingJob, StoredRecording, UnrecordedAgent } from "./recordings.ts";
export {
  countWithoutChecksum,
  listRecordings,
  listStoredRecordings,
  listUnrecordedAgents,
  RECORDING_STATUSES,
  retryRecordings,
  UNRECORDED_CONVERSATIONS,
} from "./recordings.ts";
