import { dropExpiredAccess } from "@call-ledger/db/jobs";
import { untilNoneIsLeft } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

/** Deletes kept replies after a day, sign-in links a day after they expire, and sessions 90 days after they expire. */
export const expiredAccess: HousekeepingJob = {
  name: "expired_access",
  everySeconds: 3_600,
  async run({ session, signal }) {
    const dropped = await untilNoneIsLeft((max) => dropExpiredAccess(session, max), signal);
    return { result: { dropped }, changed: dropped, alert: null };
  },
};
