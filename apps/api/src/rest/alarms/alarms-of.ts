import type { Administration, Change } from "@call-ledger/db/access";
import { reading } from "../ledger-reading.ts";

/** The owner of the alarms and channels of a request: an organization or the installation. */
export type AlarmsOf = {
  /** `null`: the installation. */
  readonly orgId: string | null;
  /** Runs `work` with the owner's rights. Throws LedgerUnreadable and the errors of `work`. */
  run<T>(work: (db: Change) => Promise<T>): Promise<T>;
};

export function organizationsAlarms(administration: Administration, orgId: string): AlarmsOf {
  return { orgId, run: (work) => reading(() => administration.as(orgId, work)) };
}

export function installationsAlarms(administration: Administration): AlarmsOf {
  return { orgId: null, run: (work) => reading(() => administration.asOperator(work)) };
}
