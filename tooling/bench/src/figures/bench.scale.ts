/** The sizes and durations of the measurements. */
export type Scale = {
  /** Repetitions of full load and of half load. The figure is their median. */
  readonly rounds: number;
  readonly warmupSeconds: number;
  readonly loadSeconds: number;
  /** At the begin of a measured load, not counted: new plans are made and connections are found busy. */
  readonly settleSeconds: number;
  /** Deliveries that a closed loop prepares for each second; a load of known count ends when they are sent. */
  readonly maxPerSecond: number;
  /** The greatest rate of the deliveries beside retention, so that the traffic lasts until its end. */
  readonly maxSteadyPerSecond: number;
  readonly openSeconds: number;
  readonly baselineSeconds: number;
  /** Deliveries that are prepared. A run may send fewer. */
  readonly deliveries: number;
  /** Requests that are sent one at a time. */
  readonly singles: number;
  readonly coldStarts: number;
  /** Numbers of clients that call the write function directly. */
  readonly directClients: readonly number[];
  /** Transactions per number of clients. */
  readonly directTransactions: number;
  /** Deliveries that are sent twice to measure the cost of duplicates. */
  readonly duplicates: number;
  /** Calls in the ledger at the two measurements of a delivery's cost. */
  readonly sizes: { readonly small: number; readonly large: number };
  /** Deliveries per size of the ledger. */
  readonly sizedDeliveries: number;
  /** Repetitions per size of the ledger. */
  readonly sizedRuns: number;
  /** Old calls, of five events each, that retention removes while deliveries come; 0: not measured. */
  readonly retainedCalls: number;
  /** Rounds without retention, before and after it. */
  readonly retentionRounds: number;
  /** Calls in the legacy database that is adopted. */
  readonly adoptedCalls: number;
  /** The ledger behind the REST API, the number of requests, and the streams that are open at the same time. */
  readonly rest: {
    readonly calls: number;
    readonly organizations: number;
    readonly requests: number;
    readonly streams: number;
  };
};

/** More than any server here answers, so that a run does not prepare what it cannot send. */
const MAX_PER_SECOND = 8_000;

export const SHORT: Scale = {
  rounds: 1,
  warmupSeconds: 2,
  loadSeconds: 5,
  settleSeconds: 0.5,
  maxPerSecond: MAX_PER_SECOND,
  maxSteadyPerSecond: 500,
  openSeconds: 5,
  baselineSeconds: 3,
  deliveries: 30_000,
  singles: 1_000,
  coldStarts: 7,
  directClients: [8, 16, 32],
  directTransactions: 1_200,
  duplicates: 5_000,
  sizes: { small: 10_000, large: 1_000_000 },
  sizedDeliveries: 0,
  sizedRuns: 0,
  retainedCalls: 0,
  retentionRounds: 0,
  adoptedCalls: 0,
  rest: { calls: 10_000, organizations: 4, requests: 600, streams: 200 },
};

export const FULL: Scale = {
  rounds: 5,
  warmupSeconds: 3,
  loadSeconds: 6,
  settleSeconds: 0.5,
  maxPerSecond: MAX_PER_SECOND,
  maxSteadyPerSecond: 500,
  openSeconds: 6,
  baselineSeconds: 8,
  deliveries: 260_000,
  singles: 5_000,
  coldStarts: 15,
  directClients: [1, 2, 4, 8, 16, 32],
  directTransactions: 3_200,
  duplicates: 15_000,
  sizes: { small: 10_000, large: 1_000_000 },
  sizedDeliveries: 8_000,
  sizedRuns: 5,
  retainedCalls: 60_000,
  retentionRounds: 4,
  adoptedCalls: 100_000,
  rest: { calls: 1_000_000, organizations: 100, requests: 4_000, streams: 1_000 },
};

/** For tests: runs every part once. Its figures say nothing about speed. */
export const TINY: Scale = {
  ...SHORT,
  warmupSeconds: 0.2,
  loadSeconds: 0.5,
  settleSeconds: 0,
  maxPerSecond: 500,
  maxSteadyPerSecond: 50,
  openSeconds: 0.5,
  baselineSeconds: 0.3,
  deliveries: 600,
  singles: 20,
  coldStarts: 1,
  directClients: [2],
  directTransactions: 60,
  duplicates: 200,
  adoptedCalls: 300,
  rest: { calls: 400, organizations: 6, requests: 40, streams: 20 },
};

/** The same, with the parts that only a full run has. */
export const TINY_FULL: Scale = {
  ...TINY,
  deliveries: 5_000,
  sizes: { small: 50, large: 500 },
  sizedDeliveries: 150,
  sizedRuns: 1,
  retainedCalls: 300,
  retentionRounds: 1,
};
