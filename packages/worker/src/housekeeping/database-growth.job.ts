import { recordDatabaseSize } from "@call-ledger/db/jobs";
import type { HousekeepingJob } from "./housekeeping-job.ts";

const KEPT_DAYS = 40;
const MEGABYTE = 1_048_576;

/** Stores the size of the database, so that `/health` can compute its growth after a restart too. */
export const databaseGrowth: HousekeepingJob = {
  name: "database_growth",
  everySeconds: 3_600,
  async run({ session }) {
    const bytes = await recordDatabaseSize(session, KEPT_DAYS);
    return { result: { size_mb: Number((bytes / MEGABYTE).toFixed(1)) }, changed: 0, alert: null };
  },
};
