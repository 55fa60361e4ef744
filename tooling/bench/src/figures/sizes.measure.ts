import { prefillCalls } from "../ledger/calls.prefill.ts";
import { startApi } from "../servers/api.server.ts";
import { median } from "../statistics/latency.summary.ts";
import type { BenchSetup } from "./bench.setup.ts";
import { UNTIL_SENT } from "./bench.setup.ts";

/** Deliveries per second at two sizes of the ledger. Each is the median of several runs. */
export type SizeMeasurement = { readonly small: number; readonly large: number };

/** Tables, indexes, the write-ahead log between two checkpoints, and the same amount again as a reserve. */
const DISK_BYTES_PER_CALL = 8_000;

/** Throws an Error if the disk is too small for the larger ledger. */
export async function measureSizes(bench: BenchSetup): Promise<SizeMeasurement> {
  const { sizedDeliveries: count, sizedRuns, sizes } = bench.scale;
  const needed = sizes.large * DISK_BYTES_PER_CALL;
  if (bench.cluster.freeDiskBytes() < needed) {
    throw new Error(`a ledger of ${sizes.large} calls needs ${Math.ceil(needed / 1e9)} GB of free disk`);
  }
  const ledger = await bench.createLedger();
  const api = await startApi(bench.program, ledger.appUrl, "/health/ready");
  let from = 0;
  const measure = async () => {
    const runs: number[] = [];
    // The first run warms up and is not counted.
    for (let run = 0; run <= sizedRuns; run += 1) {
      const { acceptedPerSecond, sent } = await bench.load([api.port], { from, count }, UNTIL_SENT);
      if (sent < count) throw new Error("the traffic was used up");
      from += count;
      if (run > 0) runs.push(acceptedPerSecond);
    }
    return median(runs);
  };
  try {
    bench.say(`a ledger of ${sizes.small} calls`);
    await prefillCalls(ledger.sql, 0, sizes.small);
    const small = await measure();
    bench.say(`a ledger of ${sizes.large} calls`);
    await prefillCalls(ledger.sql, sizes.small, sizes.large);
    return { small, large: await measure() };
  } finally {
    await api.stop();
  }
}
