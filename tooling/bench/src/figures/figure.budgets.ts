/** The figures that the bench guarantees, in the order in which they are printed. */
const BUDGETS = {
  throughput_vs_pgbench: { unit: "×", min: 1.5 },
  throughput_vs_naive: { unit: "×", min: 4 },
  ack_p99_ms: { unit: "ms", below: 50 },
  single_vs_insert: { unit: "×", below: 3 },
  rss_mb: { unit: "MB", below: 160 },
  cold_start_ms: { unit: "ms", below: 250 },
  stored_per_received: { unit: "×", below: 0.25 },
  cost_1m_vs_10k: { unit: "×", below: 1.3 },
  duplicate_vs_first: { unit: "×", below: 0.5 },
  two_processes_vs_one: { unit: "×", min: 0.9 },
  deadlocks: { unit: "", max: 0 },
  retention_p99_ratio: { unit: "×", below: 2 },
  adopt_100k_seconds: { unit: "s", below: 60 },
  list_p99_ms: { unit: "ms", below: 20 },
  row_security_vs_none: { unit: "×", below: 1.2 },
  search_p99_ms: { unit: "ms", below: 300 },
  sort_p99_ms: { unit: "ms", below: 300 },
  number_p99_ms: { unit: "ms", below: 300 },
  stream_ms: { unit: "ms", below: 1_000 },
  streams_mb: { unit: "MB", below: 60 },
} as const satisfies Record<string, Budget>;

type Budget = { readonly unit: string } & (
  | { readonly min: number }
  | { readonly below: number }
  | { readonly max: number }
);

export type FigureId = keyof typeof BUDGETS;

/** The value that a figure is compared with, from the same run. */
type Baseline = { readonly name: string; readonly value: number; readonly unit: string };

/** A figure before it is compared with its budget. */
export type Measured = {
  readonly value: number;
  readonly baseline: Baseline | null;
  /** More numbers of the same measurement, by name. */
  readonly also: Readonly<Record<string, number>>;
};

export type Figure = Measured & {
  readonly id: FigureId;
  readonly unit: string;
  /** For example `>= 1.5` or `< 50`. */
  readonly budget: string;
  readonly met: boolean;
};

export const FIGURE_IDS: readonly FigureId[] = Object.keys(BUDGETS).filter(isFigureId);

/** Figures that only `--full` measures, because they take minutes. */
export const FULL_ONLY: readonly FigureId[] = ["cost_1m_vs_10k", "retention_p99_ratio", "adopt_100k_seconds"];

export function isFigureId(id: string): id is FigureId {
  return Object.hasOwn(BUDGETS, id);
}

/** Compares a measured value with the budget of its figure. */
export function judge(id: FigureId, measured: Measured): Figure {
  const budget: Budget = BUDGETS[id];
  const { unit } = budget;
  if ("min" in budget) {
    return { id, ...measured, unit, budget: `>= ${budget.min}`, met: measured.value >= budget.min };
  }
  if ("max" in budget) {
    return { id, ...measured, unit, budget: `<= ${budget.max}`, met: measured.value <= budget.max };
  }
  return { id, ...measured, unit, budget: `< ${budget.below}`, met: measured.value < budget.below };
}
