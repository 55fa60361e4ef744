const FIRST_SECONDS = 0.1;
/** A longer pause would outlive the recovery of the database. */
const MAX_SECONDS = 1;

/**
 * Seconds to wait before a connection is made anew after so many failures: twice as long each time up to a second, and
 * by chance between half of that and all of it, so that processes that lost the database at once do not return at once.
 */
export function reconnectSeconds(failures: number): number {
  return (0.5 + Math.random() / 2) * Math.min(FIRST_SECONDS * 2 ** failures, MAX_SECONDS);
}
