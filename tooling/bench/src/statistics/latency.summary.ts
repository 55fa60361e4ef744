/** Milliseconds, except the count. */
export type LatencySummary = {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
};

/**
 * The smallest sample that at least `fraction` of all samples do not exceed (nearest rank, no interpolation).
 * `sorted` ascending; throws a RangeError when it is empty or the fraction is not in (0, 1].
 */
export function percentile(sorted: ArrayLike<number>, fraction: number): number {
  if (!(fraction > 0 && fraction <= 1)) throw new RangeError("a percentile is a fraction above 0, up to 1");
  const value = sorted[Math.ceil(sorted.length * fraction) - 1];
  if (value === undefined) throw new RangeError("no sample was taken");
  return value;
}

/** Of samples in any order, milliseconds. Throws a RangeError when there is none. */
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

/** The middle sample; the mean of the two middle ones of an even number. Throws a RangeError when there is none. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  if (middle.length === 0) throw new RangeError("no sample was taken");
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
