import { markOverdueCalls } from "@call-ledger/db/jobs";
import { inBatches } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

/** Marks calls that should have ended, or should have a report, by now. A late event removes the mark. */
export const overdueCalls: HousekeepingJob = {
  name: "overdue_calls",
  everySeconds: 30,
  async run({ session, limits, signal }) {
    const marked = await inBatches(async (max) => {
      const dropped = await markOverdueCalls(session, { ...limits.overdue, max });
      return { dropped, done: dropped < max };
    }, signal);
    return { result: { marked }, changed: marked, alert: null };
  },
};
