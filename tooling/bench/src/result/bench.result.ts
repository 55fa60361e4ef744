import { availableParallelism, cpus, freemem, release, totalmem } from "node:os";
import type { Figure } from "../figures/figure.budgets.ts";
import type { BenchCluster } from "../ledger/bench.cluster.ts";

/** The content of the file of `--out`. */
export type BenchResult = {
  readonly machine: Machine;
  /** The version text of Postgres. */
  readonly postgres: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
  /** The figures whose measurement failed, with the message of the error. */
  readonly failed: Readonly<Record<string, string>>;
};

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  readonly freeMemoryMb: number;
  readonly freeDiskMb: number;
  readonly system: string;
  readonly node: string;
  /** The load average of one minute before the run. If it is not near 0, the absolute figures are not reliable. */
  readonly loadBefore: number;
  readonly date: string;
};

/**
 * `loadBefore`: the load average of one minute before anything was started. `freeDiskBytes`: of the disk of Postgres.
 */
export function describeMachine(loadBefore: number, freeDiskBytes: number): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 1e6),
    freeMemoryMb: Math.round(freemem() / 1e6),
    freeDiskMb: Math.round(freeDiskBytes / 1e6),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    loadBefore,
    date: new Date().toISOString(),
  };
}

export function benchResult(
  machine: Machine,
  cluster: Pick<BenchCluster, "version" | "settings">,
  measured: Pick<BenchResult, "figures" | "failed">,
): BenchResult {
  return { machine, postgres: cluster.version, settings: cluster.settings, ...measured };
}

/** Returns the result as a table for people. */
export function resultLines({ machine, postgres, settings, figures }: BenchResult): string[] {
  const head = ["figure", "value", "budget", "", "compared with"];
  const rows = figures.map(({ id, value, unit, budget, met, baseline }) => [
    id,
    `${rounded(value)} ${unit}`,
    budget,
    met ? "met" : "MISSED",
    baseline === null ? "" : `${baseline.name}: ${rounded(baseline.value)} ${baseline.unit}`,
  ]);
  const details = figures.map(
    ({ id, also }) =>
      `  ${id}: ${Object.entries(also)
        .map(([name, value]) => `${name} ${rounded(value)}`)
        .join(", ")}`,
  );
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryMb} MB, ${machine.freeDiskMb} MB of disk free; ${machine.system}; Node ${machine.node}; load before ${machine.loadBefore.toFixed(2)}`,
    postgres,
    Object.entries(settings)
      .map(([name, value]) => `${name} = ${value}`)
      .join(", "),
    "",
    ...aligned([head, ...rows]),
    "",
    ...details,
  ];
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function rounded(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
