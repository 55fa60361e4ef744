import { prefillCalls } from "../ledger/calls.prefill.ts";
import { startApi } from "../servers/api.server.ts";
import { startPooler } from "../servers/pgbouncer.server.ts";
import { median } from "../statistics/latency.summary.ts";
import type { BenchBed } from "./bench.bed.ts";
import { closedLoop } from "./bench.bed.ts";

/** A closed loop that ends when its part of the traffic is used up. */
const UNTIL_SENT = closedLoop(0, 600);

/** Milliseconds from the spawn of the api to its first 200 of `/health`, one number a start. */
export async function measureColdStarts({ say, extent, program, createLedger }: BenchBed): Promise<number[]> {
  say("cold starts");
  const { appUrl } = await createLedger();
  const starts: number[] = [];
  for (let index = 0; index < extent.coldStarts; index += 1) {
    const api = await startApi(program, appUrl, "/health");
    starts.push(api.readyAfterMs);
    await api.stop();
  }
  return starts;
}

/** Deliveries a second of the same part of the traffic, sent for the first time and sent again. */
export type DuplicateMeasurement = { readonly firstPerSecond: number; readonly againPerSecond: number };

export async function measureDuplicates(bed: BenchBed): Promise<DuplicateMeasurement> {
  bed.say("duplicates");
  const { duplicates } = bed.extent;
  const ledger = await bed.createLedger();
  const api = await startApi(bed.program, ledger.appUrl, "/health/ready");
  try {
    await bed.load([api.port], { count: duplicates }, UNTIL_SENT);
    await ledger.sql.unsafe("analyze");
    const part = { from: duplicates, count: duplicates };
    const first = await bed.load([api.port], part, UNTIL_SENT);
    const again = await bed.load([api.port], part, UNTIL_SENT);
    return { firstPerSecond: first.acceptedPerSecond, againPerSecond: again.acceptedPerSecond };
  } finally {
    await api.stop();
  }
}

/** Deliveries a second of one process, and of two that share Postgres through PgBouncer in transaction mode. */
export type TwoProcesses = { readonly one: number; readonly two: number };

/** @returns `undefined` where the machine has no PgBouncer */
export async function measureTwoProcesses(bed: BenchBed, one: number): Promise<TwoProcesses | undefined> {
  const ledger = await bed.createLedger();
  const pooler = await startPooler(ledger.appUrl);
  if (pooler === undefined) return undefined;
  bed.say("two processes through PgBouncer");
  const apis = [];
  try {
    for (let index = 0; index < 2; index += 1) {
      apis.push(await startApi(bed.program, pooler.url, "/health/ready"));
    }
    const ports = apis.map(({ port }) => port);
    const { sent } = await bed.load(ports, {}, closedLoop(0, bed.extent.warmupSeconds));
    await ledger.sql.unsafe("analyze");
    const pace = closedLoop(0.5, bed.extent.loadSeconds);
    return { one, two: (await bed.load(ports, { from: sent }, pace)).acceptedPerSecond };
  } finally {
    await Promise.all(apis.map((api) => api.stop()));
    await pooler.stop();
  }
}

/** Deliveries a second at two sizes of the ledger; the median of several runs at either. */
export type SizeMeasurement = { readonly small: number; readonly large: number };

const [SMALL, LARGE] = [10_000, 1_000_000];

export async function measureSizes(bed: BenchBed): Promise<SizeMeasurement> {
  const ledger = await bed.createLedger();
  const api = await startApi(bed.program, ledger.appUrl, "/health/ready");
  const { sizedDeliveries: count, sizedRuns } = bed.extent;
  let from = 0;
  const measure = async () => {
    const runs: number[] = [];
    // The first run warms up and is not counted.
    for (let run = 0; run <= sizedRuns; run += 1) {
      const { acceptedPerSecond, sent } = await bed.load([api.port], { from, count }, UNTIL_SENT);
      if (sent < count) throw new Error("the traffic was used up");
      from += count;
      if (run > 0) runs.push(acceptedPerSecond);
    }
    return median(runs);
  };
  try {
    bed.say(`a ledger of ${SMALL} calls`);
    await prefillCalls(ledger.sql, 0, SMALL);
    const small = await measure();
    bed.say(`a ledger of ${LARGE} calls`);
    await prefillCalls(ledger.sql, SMALL, LARGE);
    return { small, large: await measure() };
  } finally {
    await api.stop();
  }
}
