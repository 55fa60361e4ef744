const FIRST_SECONDS = 0.1;
/** A longer pause would last longer than the recovery of the database. */
const MAX_SECONDS = 1;

/**
 * Returns the seconds to wait before the next connection after this number of failures. The bound doubles each time up
 * to a second, and the pause is random between half of it and all of it. So processes that lost the database at the
 * same time do not return at the same time.
 */
export function reconnectSeconds(failures: number): number {
  return (0.5 + Math.random() / 2) * Math.min(FIRST_SECONDS * 2 ** failures, MAX_SECONDS);
}
