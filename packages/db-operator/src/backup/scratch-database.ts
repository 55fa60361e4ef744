import { randomBytes } from "node:crypto";
import { ownerConnection } from "@call-ledger/db/client";
import { SQLSTATE, toDbError } from "@call-ledger/db/errors";
import { OutsideError, outside } from "./outside-error.ts";
import { RestoreError } from "./restore-content.ts";

/**
 * Runs `work` in a new database beside the ledger's, then drops it. Throws RestoreError, DbError, and the errors of
 * `work`.
 */
export async function withScratchDatabase<T>(
  ownerUrl: string,
  work: (scratchUrl: string) => Promise<T>,
): Promise<T> {
  await using sql = ownerConnection(ownerUrl, "call-ledger rehearsal", 10);
  const name = `call_ledger_rehearsal_${randomBytes(6).toString("hex")}`;
  const scratch = new URL(ownerUrl);
  scratch.pathname = `/${name}`;
  try {
    await sql.unsafe(`create database ${name}`);
    try {
      return await outside(work(scratch.href));
    } finally {
      await sql.unsafe(`drop database ${name} with (force)`);
    }
  } catch (error) {
    if (error instanceof OutsideError) throw error.reason;
    const mapped = toDbError(error);
    if (mapped.code !== SQLSTATE.insufficientPrivilege) throw mapped;
    throw new RestoreError(
      "this login may not create databases. Name an empty one for the rehearsal with --into URL",
    );
  }
}
