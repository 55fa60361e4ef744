import { alertRetention } from "./alert-retention.job.ts";
import { changesOfCalls } from "./changes-of-calls.job.ts";
import { comparisonRetention } from "./comparison-retention.job.ts";
import { databaseGrowth } from "./database-growth.job.ts";
import { eventRetention } from "./event-retention.job.ts";
import { expiredAccess } from "./expired-access.job.ts";
import { expiredLeases } from "./expired-leases.job.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";
import { orphanObjects } from "./orphan-objects.job.ts";
import { overdueCalls } from "./overdue-calls.job.ts";
import { payloadRetention } from "./payload-retention.job.ts";
import { quarantineAge } from "./quarantine-age.job.ts";

/**
 * All jobs. If several jobs are due at the same time, the fast ones come first. A name is never reused for another job.
 */
export const HOUSEKEEPING_JOBS: readonly HousekeepingJob[] = [
  overdueCalls,
  changesOfCalls,
  databaseGrowth,
  expiredLeases,
  quarantineAge,
  expiredAccess,
  alertRetention,
  payloadRetention,
  eventRetention,
  comparisonRetention,
  orphanObjects,
];
