import { countRecordings, releaseExpiredLeases } from "@call-ledger/db/jobs";
import { inBatches } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

/** A worker that lives takes over what is due long before. */
const GRACE_SECONDS = 60;

/** Gives back upload jobs that a dead worker has left and nobody took over, and counts what was given up for good. */
export const expiredLeases: HousekeepingJob = {
  name: "expired_leases",
  everySeconds: 300,
  async run({ session, signal }) {
    const givenBack = await inBatches(async (max) => {
      const dropped = await releaseExpiredLeases(session, { graceSeconds: GRACE_SECONDS, max });
      return { dropped, done: dropped < max };
    }, signal);
    const { pending, waiting, fetching, failed, expired } = await countRecordings(session);
    return {
      result: { given_back: givenBack, pending, waiting, fetching, failed, expired },
      changed: givenBack,
      alert: null,
    };
  },
};
