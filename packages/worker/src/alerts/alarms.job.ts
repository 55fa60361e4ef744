import type { HousekeepingJob } from "../housekeeping/housekeeping-job.ts";
import type { EvaluationPorts } from "./evaluate-alarms.ts";
import { evaluateAlarms } from "./evaluate-alarms.ts";

/** Opens and closes alarms by the current figures of the ledger. */
export function alarmsJob(
  ledger: Pick<EvaluationPorts, "databaseLimitMb" | "isPausedWhenIdle">,
  everySeconds: number,
): HousekeepingJob {
  return {
    name: "alarms",
    everySeconds,
    async run({ session }) {
      const { opened, closed, holding } = await evaluateAlarms({ session, ...ledger });
      return { result: { opened, closed, holding }, changed: opened + closed, alert: null };
    },
  };
}
