import { trimAlerts } from "@call-ledger/db/alerts";
import { untilNoneIsLeft } from "./batches.ts";
import type { HousekeepingJob } from "./housekeeping-job.ts";

/**
 * Deletes alarms 90 days after they closed, messages 30 days after they ended, and counts of deliveries after two days.
 */
export const alertRetention: HousekeepingJob = {
  name: "alert_retention",
  everySeconds: 3_600,
  async run({ session, signal, now }) {
    const trim = (max: number) => session.run((sql) => trimAlerts(sql, now(), max));
    const dropped = await untilNoneIsLeft(trim, signal);
    return { result: { dropped }, changed: dropped, alert: null };
  },
};
