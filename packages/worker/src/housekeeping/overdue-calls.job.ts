import { markOverdueCalls } from "@call-ledger/db/jobs";
import { inBatches } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

/** Marks calls that have not ended, or have no report, though they should by now; a late event takes the mark back. */
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
