import { dropPayloads, FROM_THE_BEGINNING } from "@call-ledger/db/jobs";
import { inBatches } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

const DAY_MS = 86_400_000;

/** Empties the payloads of deliveries after PAYLOAD_RETENTION_DAYS. Their facts stay in the calls. */
export const payloadRetention: HousekeepingJob = {
  name: "payload_retention",
  everySeconds: 3_600,
  async run({ session, limits, byHand, progress, comeTo, signal, now }) {
    const before = now() - limits.payloadRetentionDays * DAY_MS;
    // Without this mark, finding the events that still have payloads would need an index of its own.
    let after = (byHand ? undefined : progress?.reached) ?? FROM_THE_BEGINNING;
    const dropped = await inBatches(async (max) => {
      const step = await dropPayloads(session, { after, before, max });
      after = step.reached;
      comeTo({ reached: after });
      return step;
    }, signal);
    const result = { payloads_dropped: dropped, kept_days: limits.payloadRetentionDays };
    return { result, changed: dropped, alert: null };
  },
};
