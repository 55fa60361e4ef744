import { dropExpiredAccess } from "@call-ledger/db/jobs";
import { inBatches } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

/** Deletes kept replies after a day, sign-in links a day after they expire, and sessions 90 days after they expire. */
export const expiredAccess: HousekeepingJob = {
  name: "expired_access",
  everySeconds: 3_600,
  async run({ session, signal }) {
    const dropped = await inBatches(async (max) => {
      const count = await dropExpiredAccess(session, max);
      return { dropped: count, done: count === 0 };
    }, signal);
    return { result: { dropped }, changed: dropped, alert: null };
  },
};
