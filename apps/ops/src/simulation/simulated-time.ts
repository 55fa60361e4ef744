/** Seeds in this range are times in milliseconds: the years 2020 to 2100. */
const EARLIEST = Date.UTC(2020, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
const PAST = Date.UTC(2025, 0, 1);
const MINUTES_A_YEAR = 525_600;
const MINUTE_MS = 60_000;
/** Longer than any simulated call, so that a call that began so long ago is over. */
const HEAD_START_MS = 10 * MINUTE_MS;

/**
 * Returns the times of a seed's call, so that the seed alone gives the same call again. The default seed is the present
 * time, at which the report of its call is ready. Any other seed gives a call in 2025.
 */
export function timesOf(seed: number): { readonly startedAt: number; readonly reportedAt?: number } {
  if (isTime(seed)) return { startedAt: seed - HEAD_START_MS, reportedAt: seed };
  return { startedAt: PAST + (seed % MINUTES_A_YEAR) * MINUTE_MS };
}

function isTime(seed: number): boolean {
  return seed >= EARLIEST && seed < LATEST;
}
