import type { Pool } from "@call-ledger/db/client";
import type { DatabaseFault } from "@call-ledger/db/errors";
import { DbError, databaseFault } from "@call-ledger/db/errors";
import { probeWrite } from "@call-ledger/db/read";
import { throttled } from "./throttled-probe.ts";

/** A probe's answer is good for so long: nobody's visits cost the database more than that. */
const PROBE_EVERY_MS = 5_000;
/** How long a delivery that could not be written speaks for the database, if none is written after it. */
const FAILURE_SPEAKS_MS = 60_000;
const PROBE_DEADLINE_MS = 3_000;
/** What a database says that answers; the probe sees all others, and sees when they are over. */
const OF_WRITES: ReadonlySet<string> = new Set(["read_only", "disk_full", "io_error", "out_of_resources"]);

export type WriteHealth = {
  /** Why the database takes no writes; `null`: it takes them, or it is not known yet. Answers within `timeoutMs`. */
  fault(): Promise<DatabaseFault | null>;
  /** The code with which a write of deliveries has failed; `null`: it has not. */
  wrote(failure: string | null): void;
};

/** Whether the database can be written, by a probe and by what became of the deliveries written last. */
export function writeHealth(pool: Pool, timeoutMs: number, now = () => performance.now()): WriteHealth {
  let failed: { readonly fault: DatabaseFault; readonly until: number } | null = null;
  const probe = throttled(
    async () => {
      const fault = await pool.run(probeWrite, PROBE_DEADLINE_MS).then(() => null, faultOf);
      return { fault };
    },
    { timeoutMs, now, goodForMs: PROBE_EVERY_MS },
  );
  return {
    async fault() {
      if (failed !== null && failed.until > now()) return failed.fault;
      return (await probe())?.fault ?? null;
    },
    wrote(failure) {
      const fault = failure === null ? null : databaseFault(failure);
      if (fault !== null && !OF_WRITES.has(fault.name)) return;
      failed = fault === null ? null : { fault, until: now() + FAILURE_SPEAKS_MS };
    },
  };
}

/** What an error of the database says about it; `null`: it works, and refused what it was asked. */
export function faultOf(error: unknown): DatabaseFault | null {
  return error instanceof DbError ? databaseFault(error.code) : null;
}
