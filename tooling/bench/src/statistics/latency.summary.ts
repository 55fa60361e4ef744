/** Latencies in milliseconds, and their count. */
export type LatencySummary = {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
};

/**
 * Returns the smallest sample that at least `fraction` of all samples do not exceed (nearest rank, no interpolation).
 * `sorted` is in ascending order. Throws a RangeError if it is empty or the fraction is not in (0, 1].
 */
export function percentile(sorted: ArrayLike<number>, fraction: number): number {
  if (!(fraction > 0 && fraction <= 1)) throw new RangeError("a percentile is a fraction above 0, up to 1");
  const value = sorted[Math.ceil(sorted.length * fraction) - 1];
  if (value === undefined) throw new RangeError("no sample was taken");
  return value;
}

/** Summarizes samples in any order, in milliseconds. Throws a RangeError if there is none. */
export function summarizeLatencies(samples: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(samples).sort();
  return {
    count: sorted.length,
    p50: percentile(sorted, 0.5),
    p90: percentile(sorted, 0.9),
    p99: percentile(sorted, 0.99),
    p999: percentile(sorted, 0.999),
    max: percentile(sorted, 1),
  };
}

/** Returns the middle sample; for an even number, the mean of the middle two. Throws a RangeError if there is none. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  if (middle.length === 0) throw new RangeError("no sample was taken");
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
