import type { Administration, Change } from "@call-ledger/db/access";
import { reading } from "../ledger-reading.ts";

/** Whose alarms and channels a request is about. */
export type AlarmsOf = {
  /** `null`: the installation's. */
  readonly orgId: string | null;
  /** Throws LedgerUnreadable, and what the work throws. */
  run<T>(work: (db: Change) => Promise<T>): Promise<T>;
};

export function organizationsAlarms(administration: Administration, orgId: string): AlarmsOf {
  return { orgId, run: (work) => reading(() => administration.as(orgId, work)) };
}

export function installationsAlarms(administration: Administration): AlarmsOf {
  return { orgId: null, run: (work) => reading(() => administration.asOperator(work)) };
}
