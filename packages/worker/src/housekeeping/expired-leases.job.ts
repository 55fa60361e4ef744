import { countRecordings, releaseExpiredLeases } from "@call-ledger/db/jobs";
import { untilNoneIsLeft } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

/** A running worker takes over due jobs long before. */
const GRACE_SECONDS = 60;

/**
 * Gives back upload jobs that a dead worker left and no other took over, and counts the recordings that were given up.
 */
export const expiredLeases: HousekeepingJob = {
  name: "expired_leases",
  everySeconds: 300,
  async run({ session, signal }) {
    const giveBack = (max: number) => releaseExpiredLeases(session, { graceSeconds: GRACE_SECONDS, max });
    const givenBack = await untilNoneIsLeft(giveBack, signal);
    const { pending, waiting, fetching, failed, expired } = await countRecordings(session);
    return {
      result: { given_back: givenBack, pending, waiting, fetching, failed, expired },
      changed: givenBack,
      alert: null,
    };
  },
};
