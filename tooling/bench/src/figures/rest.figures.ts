import type { FigureId, Measured } from "./figure.budgets.ts";
import type { RestMeasurement } from "./rest.measure.ts";

type RestFigure = Extract<
  FigureId,
  | "list_p99_ms"
  | "row_security_vs_none"
  | "search_p99_ms"
  | "sort_p99_ms"
  | "number_p99_ms"
  | "stream_ms"
  | "streams_mb"
>;

/** Returns a figure of the REST API from its measurement. */
export function restFigures(
  rest: () => Promise<RestMeasurement>,
): Record<RestFigure, () => Promise<Measured>> {
  return {
    async list_p99_ms() {
      const { list, calls } = await rest();
      return { value: list.p99, baseline: null, also: { p50: list.p50, max: list.max, calls } };
    },
    async row_security_vs_none() {
      const { withSecurity, withoutSecurity } = await rest();
      const baseline = { name: "without row-level security", value: withoutSecurity, unit: "ms" };
      return { value: withSecurity / withoutSecurity, baseline, also: { with_ms: withSecurity } };
    },
    async search_p99_ms() {
      const { search, searchedCalls } = await rest();
      return {
        value: search.p99,
        baseline: null,
        also: { p50: search.p50, max: search.max, calls: searchedCalls },
      };
    },
    async sort_p99_ms() {
      const { sorted, searchedCalls } = await rest();
      return { value: sorted.p99, baseline: null, also: { p50: sorted.p50, calls: searchedCalls } };
    },
    async number_p99_ms() {
      const { numbers, searchedCalls } = await rest();
      return { value: numbers.p99, baseline: null, also: { p50: numbers.p50, calls: searchedCalls } };
    },
    async stream_ms() {
      const { streams, medianMs, maxMs } = (await rest()).streams;
      return { value: maxMs, baseline: null, also: { streams, median_ms: medianMs } };
    },
    async streams_mb() {
      const { streams, memoryMb } = (await rest()).streams;
      return { value: memoryMb, baseline: null, also: { streams } };
    },
  };
}
