import { dropProviderCalls } from "@call-ledger/db/jobs";
import { inBatches } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

const DAY_MS = 86_400_000;
/** Longer than any provider keeps its calls, and than anybody needs to know whether a day is complete. */
const KEPT_DAYS = 100;

/** Deletes the notes of providers' calls after 100 days. The calls themselves stay. */
export const comparisonRetention: HousekeepingJob = {
  name: "comparison_retention",
  everySeconds: 21_600,
  async run({ session, signal, now }) {
    const before = now() - KEPT_DAYS * DAY_MS;
    const dropped = await inBatches(async (max) => {
      const step = await dropProviderCalls(session, { before, max });
      return { dropped: step, done: step < max };
    }, signal);
    return { result: { notes_dropped: dropped, kept_days: KEPT_DAYS }, changed: dropped, alert: null };
  },
};
