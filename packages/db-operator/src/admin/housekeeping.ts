import type { Owner } from "../owner.ts";

/** A housekeeping job and its last run. It has no personal data. */
export type HousekeepingRun = {
  readonly name: string;
  /** The end of the last finished run, successful or not. */
  readonly finishedAt: Date | null;
  readonly succeededAt: Date | null;
  readonly tookMs: number | null;
  /** The result of the last successful run. */
  readonly result: Readonly<Record<string, number | string | null>> | null;
  /** Why the last finished run failed. */
  readonly error: string | null;
  readonly nextRunAt: Date;
  /** Whether a process runs it at the moment. */
  readonly running: boolean;
  /** Whether it had no success for three of its intervals. */
  readonly late: boolean;
};

/** Returns the jobs that were claimed at least once, by name. Throws DbError. */
export function listHousekeeping(owner: Owner): Promise<HousekeepingRun[]> {
  return owner.run(
    (sql) => sql<HousekeepingRun[]>`
    select name, finished_at as "finishedAt", succeeded_at as "succeededAt", took_ms as "tookMs", result, error,
      next_run_at as "nextRunAt", lease_token is not null and next_run_at > now() as running,
      name in (select call_ledger.late_jobs()) as late
    from housekeeping_runs order by name`,
  );
}
