import type { DatabaseFault } from "@call-ledger/db/errors";
import { DbError } from "@call-ledger/db/errors";
import type { LedgerStatus } from "@call-ledger/db/status";
import type { Log, Repeating } from "@call-ledger/process";
import { errorFields, repeating } from "@call-ledger/process";
import type { Readiness } from "./readiness.ts";
import { faultOf } from "./write-health.ts";

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 4_000;
/** The time between two checks of a connected database, which also notice a schema that is too new for this release. */
const REGULAR_MS = 15_000;

const NO_LEDGER = "the database answers, but not as a ledger: run migrate, and see what its login may do";

export type ContactPorts = {
  readStatus(): Promise<LedgerStatus>;
  incompatibility(status: LedgerStatus): Promise<string | null>;
  /** Why a database that answers takes no writes; `null`: it takes them, or that is not known yet. */
  unwritable(): Promise<DatabaseFault | null>;
  /** Does once what needs a database that answers; `false`: try again. Must not throw. */
  greet(): Promise<boolean>;
  readonly readiness: Readiness;
  readonly log: Log;
};

/**
 * Connects to the database in the background, and tries until the database answers. Then checks every 15 s whether this
 * release may run on its schema. Logs each new state once: connected, not connected, not writable, or wrong schema.
 */
export function contactDatabase({
  readStatus,
  incompatibility,
  unwritable,
  greet,
  readiness,
  log,
}: ContactPorts): Repeating {
  let greeted = false;
  let failures = 0;
  let logged = "";
  const logOnce = (state: string, write: () => void) => {
    if (logged !== state) write();
    logged = state;
  };
  const retryMs = () =>
    (0.5 + Math.random() / 2) * Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS);

  return repeating(async () => {
    try {
      const status = await readStatus();
      readiness.incompatibility = await incompatibility(status);
      readiness.contacted = true;
    } catch (error) {
      const isThere = error instanceof DbError && error.kind !== "unavailable";
      if (isThere && !readiness.contacted) readiness.incompatibility = NO_LEDGER;
      const fault = faultOf(error);
      const state = isThere ? NO_LEDGER : `the database ${fault?.says ?? "does not answer"}`;
      const fields = { ...errorFields(error), fault: fault?.name, next: fault?.next };
      logOnce(state, () => log.warn(fields, `Database not connected: ${state}`));
      return retryMs();
    }
    const why = readiness.incompatibility;
    if (why !== null) {
      logOnce(why, () => log.error({ why }, "Database not usable: it does not fit this release"));
      return retryMs();
    }
    const fault = await unwritable();
    if (fault !== null) {
      const { name, says, next } = fault;
      logOnce(name, () => log.error({ fault: name, next }, `CRITICAL: the database ${says}`));
      return retryMs();
    }
    logOnce("connected", () => log.info({}, "Database connected"));
    greeted ||= await greet();
    if (!greeted) return retryMs();
    failures = 0;
    return REGULAR_MS;
  });
}
