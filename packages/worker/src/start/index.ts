export type { AccountSetup, SetupAccount } from "./account-setup.ts";
export { accountSetups } from "./account-setup.ts";
export type { Worker, WorkerDeps, WorkerLog, WorkerTiming } from "./start-worker.ts";
export { startWorker } from "./start-worker.ts";
export type { WorkerConfig } from "./worker-config.ts";
export { housekeepingLimits, workerProblems } from "./worker-config.ts";
