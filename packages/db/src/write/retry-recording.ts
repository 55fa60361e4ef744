import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { runForOne, sqlFunction } from "../client/run-function.ts";

const RETRY = sqlFunction("call_ledger.retry_recording", { itsOrg: "uuid", jobId: "uuid" }, z.boolean());

/**
 * Makes a recording due immediately that was given up or waits for a host. Returns `false` if it is neither. Throws
 * DbError.
 */
export function retryRecording(
  pool: Pool,
  { orgId, id }: { readonly orgId: string; readonly id: string },
  deadlineMs: number,
): Promise<boolean> {
  return pool.run((sql) => runForOne(sql, RETRY, { itsOrg: orgId, jobId: id }), deadlineMs, orgId);
}
