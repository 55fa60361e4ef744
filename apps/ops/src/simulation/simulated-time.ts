/** Seeds in this range are times, milliseconds: the years 2020 to 2100. */
const EARLIEST = Date.UTC(2020, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
const PAST = Date.UTC(2025, 0, 1);
const MINUTES_A_YEAR = 525_600;
const MINUTE_MS = 60_000;
/** Longer than the calls that are simulated, so that a call of a moment ago is over by now. */
const HEAD_START_MS = 10 * MINUTE_MS;

/**
 * When the call of a seed began, so that the seed alone makes the same call again. A seed that was not given is the
 * present time, and its call ended just before; any other is a call in 2025.
 */
export function startOf(seed: number): number {
  if (seed >= EARLIEST && seed < LATEST) return seed - HEAD_START_MS;
  return PAST + (seed % MINUTES_A_YEAR) * MINUTE_MS;
}
