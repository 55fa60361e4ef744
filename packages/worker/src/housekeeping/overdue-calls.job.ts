import { markOverdueCalls } from "@call-ledger/db/jobs";
import { untilNoneIsLeft } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

/** Marks calls that should have ended, or should have a report, by now. A late event removes the mark. */
export const overdueCalls: HousekeepingJob = {
  name: "overdue_calls",
  everySeconds: 30,
  async run({ session, limits, signal }) {
    const mark = (max: number) => markOverdueCalls(session, { ...limits.overdue, max });
    const marked = await untilNoneIsLeft(mark, signal);
    return { result: { marked }, changed: marked, alert: null };
  },
};
