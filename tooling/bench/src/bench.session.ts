import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import type { BuiltApps } from "@call-ledger/build";
import type { Scale } from "./figures/bench.scale.ts";
import { prepareBench } from "./figures/bench.setup.ts";
import type { Figure, FigureId } from "./figures/figure.budgets.ts";
import { judge } from "./figures/figure.budgets.ts";
import type { MeasureFigure } from "./figures/measure.figures.ts";
import { figureMeasurer } from "./figures/measure.figures.ts";
import { startBenchCluster } from "./ledger/bench.cluster.ts";
import type { BenchResult } from "./result/bench.result.ts";
import { benchResult, describeMachine } from "./result/bench.result.ts";

export type SessionOptions = {
  readonly figures: readonly FigureId[];
  readonly scale: Scale;
  readonly programs: Pick<BuiltApps, "api" | "ops">;
  readonly say: (line: string) => void;
};

const IDLE_LOAD = 0.5;

/** Measures figures on a Postgres of its own, which is removed afterwards. */
export async function runSession({
  figures: ids,
  scale,
  programs,
  say,
}: SessionOptions): Promise<BenchResult> {
  const load = loadavg()[0] ?? 0;
  if (load > IDLE_LOAD) {
    say(`the machine is not idle (load ${load.toFixed(1)}): the figures of this run are not reliable`);
  }
  const folder = mkdtempSync(join(tmpdir(), "call-ledger-traffic-"));
  say("starting Postgres");
  const cluster = await startBenchCluster();
  const machine = describeMachine(load, cluster.freeDiskBytes());
  try {
    const measure = figureMeasurer(await prepareBench(cluster, scale, programs, folder, say));
    return benchResult(machine, cluster, await measureEach(ids, measure, say));
  } finally {
    await cluster.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Measures one figure after another, and names those that cannot be measured here. An error costs its figure only: the
 * others of a long run are kept, and `failed` has its message.
 */
export async function measureEach(
  ids: readonly FigureId[],
  measure: MeasureFigure,
  say: (line: string) => void,
): Promise<Pick<BenchResult, "figures" | "failed">> {
  const figures: Figure[] = [];
  const failed: Record<string, string> = {};
  for (const id of ids) {
    try {
      const measured = await measure(id);
      if (measured === undefined)
        say(`${id} is not measured: it needs --full, or a program that is not installed`);
      else figures.push(judge(id, measured));
    } catch (error) {
      failed[id] = error instanceof Error ? error.message : String(error);
      say(`${id} failed: ${failed[id]}`);
    }
  }
  return { figures, failed };
}
