import { dropEvents, FROM_THE_BEGINNING } from "@call-ledger/db/jobs";
import { inBatches } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

const DAY_MS = 86_400_000;

/** Deletes events after EVENT_RETENTION_DAYS: the timeline, and the guard against booking them again. */
export const eventRetention: HousekeepingJob = {
  name: "event_retention",
  everySeconds: 21_600,
  async run({ session, limits, signal, now }) {
    const before = now() - limits.eventRetentionDays * DAY_MS;
    let after = FROM_THE_BEGINNING;
    const dropped = await inBatches(async (max) => {
      const step = await dropEvents(session, { after, before, max });
      after = step.reached;
      return step;
    }, signal);
    const result = { events_dropped: dropped, kept_days: limits.eventRetentionDays };
    return { result, changed: dropped, alert: null };
  },
};
