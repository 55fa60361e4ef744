/** The size of the database at a time. */
type Sample = { readonly at: number; readonly sizeMb: number };

export type Growth = {
  /** `at` in milliseconds, later than all before; `sizeMb` in megabytes. */
  observe(at: number, sizeMb: number): void;
  /** Megabytes a day over what was observed, at most a week; `null` before an hour has been seen. */
  mbPerDay(): number | null;
};

const DAY_MS = 86_400_000;
const SPACING_MS = 600_000;
const LEAST_SPAN_MS = 3_600_000;
const MOST_SPAN_MS = 7 * DAY_MS;

/** Watches a size grow, as long as this process lives. */
export function watchGrowth(): Growth {
  const samples: Sample[] = [];
  let latest: Sample | null = null;
  return {
    observe(at, sizeMb) {
      latest = { at, sizeMb };
      const last = samples.at(-1);
      if (last === undefined || at - last.at >= SPACING_MS) samples.push(latest);
      while (samples[0] !== undefined && at - samples[0].at > MOST_SPAN_MS) samples.shift();
    },
    mbPerDay() {
      const first = samples[0];
      if (first === undefined || latest === null || latest.at - first.at < LEAST_SPAN_MS) return null;
      return ((latest.sizeMb - first.sizeMb) / (latest.at - first.at)) * DAY_MS;
    },
  };
}
