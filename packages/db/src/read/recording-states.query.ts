import type { Pool } from "../client/pool.ts";

/** Upload jobs by state, all organizations together. */
export type RecordingStates = {
  readonly pending: number;
  readonly fetching: number;
  readonly stored: number;
  readonly failed: number;
  readonly expired: number;
};

/** Counts an index of all recordings: its time grows with them. Throws DbError. */
export async function readRecordingStates(pool: Pool, deadlineMs: number): Promise<RecordingStates> {
  const rows = await pool.run(
    (sql) => sql.unsafe("select call_ledger.recording_states()::text as states"),
    deadlineMs,
  );
  const { pending, fetching, stored, failed, expired } = JSON.parse(String(rows[0]?.states));
  return { pending, fetching, stored, failed, expired };
}
