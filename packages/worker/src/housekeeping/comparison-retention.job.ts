import { COMPARISON_DAYS } from "@call-ledger/db/completeness";
import { dropProviderCalls } from "@call-ledger/db/jobs";
import { untilNoneIsLeft } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

const DAY_MS = 86_400_000;
/** Deletes old notes of providers' calls. The calls themselves stay. */
export const comparisonRetention: HousekeepingJob = {
  name: "comparison_retention",
  everySeconds: 21_600,
  async run({ session, signal, now }) {
    const before = now() - COMPARISON_DAYS * DAY_MS;
    const dropped = await untilNoneIsLeft((max) => dropProviderCalls(session, { before, max }), signal);
    return { result: { notes_dropped: dropped, kept_days: COMPARISON_DAYS }, changed: dropped, alert: null };
  },
};
