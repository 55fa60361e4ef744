import { median } from "../statistics/latency.summary.ts";
import { measureAdoption } from "./adoption.measure.ts";
import { measureApi } from "./api.measure.ts";
import { measureDirect, measureExpress, measureNaive } from "./baseline.measure.ts";
import type { BenchSetup } from "./bench.setup.ts";
import { measureColdStarts } from "./cold-start.measure.ts";
import { costNumbers } from "./delivery.cost.ts";
import { measureDuplicates } from "./duplicates.measure.ts";
import type { FigureId, Measured } from "./figure.budgets.ts";
import { duplicateValue, naiveValue, singleValue, storedValue } from "./measured.values.ts";
import { packedSizes } from "./packed.sizes.ts";
import { measureTwoProcesses } from "./processes.measure.ts";
import { restFigures } from "./rest.figures.ts";
import { measureRest } from "./rest.measure.ts";
import { measureRetention } from "./retention.measure.ts";
import { measureSizes } from "./sizes.measure.ts";

/** Deliveries that are packed in other ways for comparison: a fifth of the traffic, and no more than this. */
const MAX_PACKED = 6_000;

/** Measures a figure; returns `undefined` if the machine or the scale of the run does not allow it. */
export type MeasureFigure = (id: FigureId) => Promise<Measured | undefined>;

/**
 * Returns a function that measures figures. Figures share measurements: each is made once, for the first figure that
 * needs it.
 */
export function figureMeasurer(bench: BenchSetup): MeasureFigure {
  const api = once(() => measureApi(bench));
  const bare = once(() => measureExpress(bench, "bare"));
  const verifying = once(() => measureExpress(bench, "verifying"));
  const processes = once(() => measureTwoProcesses(bench));

  const figures: Record<FigureId, () => Promise<Measured | undefined>> = {
    async throughput_vs_pgbench() {
      const { perSecond, latencyAtFullLoad, cost } = await api();
      const direct = await measureDirect(bench);
      const { perSecond: bareExpress, cost: bareCost } = await bare();
      const verifyingExpress = (await verifying()).perSecond;
      const rates = { bare_express_per_s: bareExpress, verifying_express_per_s: verifyingExpress };
      const express = { ...rates, ...costNumbers("bare_express", bareCost) };
      const latency = { full_load_p50_ms: latencyAtFullLoad.p50, full_load_p99_ms: latencyAtFullLoad.p99 };
      const share = { share_of_bare_express: perSecond / bareExpress };
      const own = { deliveries_per_s: perSecond, ...latency, ...costNumbers("ledger", cost) };
      return {
        value: perSecond / direct.best,
        baseline: { name: direct.name, value: direct.best, unit: "tx/s" },
        also: { ...own, ...express, ...share, ...direct.all },
      };
    },
    async throughput_vs_naive() {
      return naiveValue(await measureNaive(bench), await verifying());
    },
    async ack_p99_ms() {
      const { latencyAtHalfLoad, halfRate } = await api();
      const { p50, p99, p999, max } = latencyAtHalfLoad;
      return { value: p99, baseline: null, also: { rate_per_s: halfRate, p50, p999, max } };
    },
    async single_vs_insert() {
      return singleValue((await api()).single);
    },
    async rss_mb() {
      return { value: (await api()).peakResidentMb, baseline: null, also: {} };
    },
    async cold_start_ms() {
      const starts = await measureColdStarts(bench);
      const also = { fastest_ms: Math.min(...starts), slowest_ms: Math.max(...starts) };
      return { value: median(starts), baseline: null, also };
    },
    async stored_per_received() {
      const bodies = bench.bodies(0, Math.min(Math.ceil(bench.scale.deliveries / 5), MAX_PACKED));
      return storedValue((await api()).stored, await packedSizes(bodies));
    },
    async cost_1m_vs_10k() {
      if (bench.scale.sizedRuns === 0) return undefined;
      const { small, large } = await measureSizes(bench);
      const baseline = { name: "at 10 k calls", value: small, unit: "deliveries/s" };
      return { value: small / large, baseline, also: { deliveries_per_s_at_1m: large } };
    },
    async duplicate_vs_first() {
      return duplicateValue(await measureDuplicates(bench));
    },
    async two_processes_vs_one() {
      const measured = await processes();
      if (measured === undefined) return undefined;
      const baseline = { name: "one process", value: measured.one, unit: "deliveries/s" };
      return { value: measured.two / measured.one, baseline, also: { deliveries_per_s: measured.two } };
    },
    async deadlocks() {
      if ((await processes()) === undefined) return undefined;
      return { value: await bench.cluster.deadlocks(), baseline: null, also: {} };
    },
    retention_p99_ratio: () => retentionFigure(bench),
    async adopt_100k_seconds() {
      if (bench.scale.adoptedCalls === 0) return undefined;
      const { seconds, againSeconds, rows } = await measureAdoption(bench);
      return { value: seconds, baseline: null, also: { rows, second_run_s: againSeconds } };
    },
    ...restFigures(once(() => measureRest(bench))),
  };
  return (id) => figures[id]();
}

async function retentionFigure(bench: BenchSetup): Promise<Measured | undefined> {
  if (bench.scale.retainedCalls === 0) return undefined;
  const { without, during, worst, seconds, events, ratePerSecond } = await measureRetention(bench);
  return {
    value: during / without,
    baseline: { name: "p99 without retention", value: without, unit: "ms" },
    also: {
      p99_during_ms: during,
      worst_round_p99_ms: worst,
      old_events: events,
      seconds,
      rate_per_s: ratePerSecond,
    },
  };
}

function once<T>(measure: () => Promise<T>): () => Promise<T> {
  let measured: Promise<T> | undefined;
  return () => {
    measured ??= measure();
    return measured;
  };
}
