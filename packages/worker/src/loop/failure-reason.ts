import { DbError } from "@call-ledger/db/errors";
import { StorageFault } from "@call-ledger/storage";
import { EgressFault } from "../egress/egress-fault.ts";

/** Returns the facts of an error that are safe to show: codes, our own words, or the kind of the error. */
export function failureReason(error: unknown): string {
  if (error instanceof DbError) return `the database: ${error.message}`;
  if (error instanceof EgressFault || error instanceof StorageFault) return error.reason;
  return error instanceof Error ? error.name : typeof error;
}
