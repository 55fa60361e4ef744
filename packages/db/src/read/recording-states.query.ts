import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { runForOne, sqlFunction } from "../client/run-function.ts";

const statesSchema = z.object({
  pending: z.number(),
  /** Jobs that wait for a host to be allowed. */
  waiting: z.number(),
  fetching: z.number(),
  stored: z.number(),
  failed: z.number(),
  expired: z.number(),
});

/** Upload jobs by state, of all organizations together. */
export type RecordingStates = Readonly<z.output<typeof statesSchema>>;

const RECORDING_STATES = sqlFunction("call_ledger.recording_states", {}, statesSchema);

/** Counts upload jobs by state in an index of all recordings, so its time grows with them. Throws DbError. */
export function readRecordingStates(pool: Pool, deadlineMs: number): Promise<RecordingStates> {
  return pool.run((sql) => runForOne(sql, RECORDING_STATES, {}), deadlineMs);
}
