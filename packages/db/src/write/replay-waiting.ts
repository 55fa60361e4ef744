import type { Pool } from "../client/pool.ts";

/**
 * Books quarantined deliveries whose agent has been registered, of at most `max` calls. Returns how many deliveries
 * were tried and booked. It asks the database what waits, so any process may run it at any time. Throws DbError.
 */
export async function replayWaiting(
  pool: Pool,
  { max, deadlineMs }: { readonly max: number; readonly deadlineMs: number },
): Promise<number> {
  const rows = await pool.run((sql) => sql`select public.replay_waiting(${max}::int) as booked`, deadlineMs);
  return Number(rows[0]?.booked ?? 0);
}
