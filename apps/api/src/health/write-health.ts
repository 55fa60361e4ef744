import type { Pool } from "@call-ledger/db/client";
import type { DatabaseFault } from "@call-ledger/db/errors";
import { DbError, databaseFault } from "@call-ledger/db/errors";
import { probeWrite } from "@call-ledger/db/read";
import { throttled } from "./throttled-probe.ts";

/** A probe's answer is used again for so long, however many requests ask for it. */
const PROBE_EVERY_MS = 5_000;
/** A failed write of deliveries is reported as the database's fault for so long, unless a later write succeeds. */
const FAILURE_SPEAKS_MS = 60_000;
const PROBE_DEADLINE_MS = 3_000;
/**
 * The faults of a database that still answers reads. The probe finds all other faults, and finds when they are over.
 */
const OF_WRITES: ReadonlySet<string> = new Set(["read_only", "disk_full", "io_error", "out_of_resources"]);

export type WriteHealth = {
  /** Why the database takes no writes; `null`: it takes them, or that is not known yet. Answers within `timeoutMs`. */
  fault(): Promise<DatabaseFault | null>;
  /** Takes the error code of a write of deliveries; `null`: the write succeeded. */
  wrote(failure: string | null): void;
};

/**
 * Finds out whether the database can be written, from a probe and from the results of the last writes of deliveries.
 */
export function writeHealth(pool: Pool, timeoutMs: number): WriteHealth {
  let failed: { readonly fault: DatabaseFault; readonly until: number } | null = null;
  const probe = throttled(
    async () => {
      const fault = await pool.run(probeWrite, PROBE_DEADLINE_MS).then(() => null, faultOf);
      return { fault };
    },
    { timeoutMs, now: () => performance.now(), goodForMs: PROBE_EVERY_MS },
  );
  return {
    async fault() {
      if (failed !== null && failed.until > performance.now()) return failed.fault;
      return (await probe())?.fault ?? null;
    },
    wrote(failure) {
      const fault = failure === null ? null : databaseFault(failure);
      if (fault !== null && !OF_WRITES.has(fault.name)) return;
      failed = fault === null ? null : { fault, until: performance.now() + FAILURE_SPEAKS_MS };
    },
  };
}

/** The fault of the database that an error shows; `null`: the database works and refused the query. */
export function faultOf(error: unknown): DatabaseFault | null {
  return error instanceof DbError ? databaseFault(error.code) : null;
}
