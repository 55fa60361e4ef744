export type { Admin } from "./admin.ts";
export { openAdmin } from "./admin.ts";
export type { Agent, AgentToAdd } from "./agents.ts";
export { createAppLogin } from "./app-login.ts";
export type { HousekeepingRun } from "./housekeeping.ts";
export type { Organization } from "./organizations.ts";
export type { QuarantinedDelivery, QuarantinedPayload } from "./quarantine.ts";
export type { RecordingJob } from "./recordings.ts";
export { RECORDING_STATUSES } from "./recordings.ts";
