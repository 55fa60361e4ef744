import { dropCallChanges } from "@call-ledger/db/jobs";
import { untilNoneIsLeft } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

/**
 * Deletes the notes of calls that changed more than an hour ago. A stream that was interrupted for longer starts anew.
 */
export const changesOfCalls: HousekeepingJob = {
  name: "changes_of_calls",
  everySeconds: 300,
  async run({ session, signal }) {
    const dropped = await untilNoneIsLeft((max) => dropCallChanges(session, max), signal);
    return { result: { dropped }, changed: 0, alert: null };
  },
};
