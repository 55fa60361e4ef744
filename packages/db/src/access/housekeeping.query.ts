import { sql } from "drizzle-orm";
import { housekeepingRuns } from "../schema/housekeeping.table.ts";
import type { Change } from "./administration.ts";

const running = sql<boolean>`${housekeepingRuns.leaseToken} is not null and ${housekeepingRuns.nextRunAt} > now()`;

/** The figures of a successful run by name. */
type RunResult = Readonly<Record<string, number | string | null>>;

/** A housekeeping job and its last run. It has no personal data. */
export type HousekeepingRun = Awaited<ReturnType<typeof readHousekeeping>>[number];

/**
 * Returns each housekeeping job with its last run, whether a process runs it at the moment, and whether it is late: it
 * had no success for three of its intervals. Throws DbError.
 */
export function readHousekeeping(db: Change) {
  return db
    .select({
      name: housekeepingRuns.name,
      everySeconds: housekeepingRuns.everySeconds,
      nextRunAt: housekeepingRuns.nextRunAt,
      finishedAt: housekeepingRuns.finishedAt,
      succeededAt: housekeepingRuns.succeededAt,
      tookMs: housekeepingRuns.tookMs,
      result: sql<RunResult | null>`${housekeepingRuns.result}`,
      error: housekeepingRuns.error,
      running,
      late: sql<boolean>`${housekeepingRuns.name} in (select call_ledger.late_jobs())`,
    })
    .from(housekeepingRuns)
    .orderBy(housekeepingRuns.name);
}
