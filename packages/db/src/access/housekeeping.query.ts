import { document } from "../read/columns.ts";
import { housekeepingRuns } from "../schema/housekeeping.table.ts";
import type { Change } from "./administration.ts";

/** Returns each housekeeping job with its last run. Throws DbError. */
export function readHousekeeping(db: Change) {
  return db
    .select({
      name: housekeepingRuns.name,
      everySeconds: housekeepingRuns.everySeconds,
      nextRunAt: housekeepingRuns.nextRunAt,
      finishedAt: housekeepingRuns.finishedAt,
      succeededAt: housekeepingRuns.succeededAt,
      tookMs: housekeepingRuns.tookMs,
      result: document(housekeepingRuns.result),
      error: housekeepingRuns.error,
    })
    .from(housekeepingRuns)
    .orderBy(housekeepingRuns.name);
}
