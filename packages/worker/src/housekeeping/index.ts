export type { HousekeepingJob, HousekeepingPorts } from "./housekeeping-job.ts";
export { HOUSEKEEPING_JOBS } from "./housekeeping-jobs.ts";
export type { JobRun } from "./run-job.ts";
export { runNextJob } from "./run-job.ts";
