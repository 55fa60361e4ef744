import type { Pool } from "../client/pool.ts";

/**
 * Books quarantined deliveries whose agent exists by now, at most `max` calls; returns how many deliveries were tried
 * and booked. Asks what waits, so it may run anywhere, any number of times. Throws DbError.
 */
export async function replayWaiting(
  pool: Pool,
  { max, deadlineMs }: { readonly max: number; readonly deadlineMs: number },
): Promise<number> {
  const rows = await pool.run((sql) => sql`select public.replay_waiting(${max}::int) as booked`, deadlineMs);
  return Number(rows[0]?.booked ?? 0);
}
