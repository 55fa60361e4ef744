import type { BenchLedger } from "../ledger/bench.cluster.ts";
import { contentBytes, countCalls, storedBytes } from "../ledger/stored.bytes.ts";
import type { LoadPace, LoadResult } from "../load/load.job.ts";
import { startApi } from "../servers/api.server.ts";
import type { ServerProcess } from "../servers/server.process.ts";
import type { LatencySummary } from "../statistics/latency.summary.ts";
import { median } from "../statistics/latency.summary.ts";
import type { BenchSetup } from "./bench.setup.ts";
import { CONNECTIONS, closedLoop } from "./bench.setup.ts";
import type { DeliveryCost } from "./delivery.cost.ts";
import { costOf } from "./delivery.cost.ts";
import type { SingleLatencies } from "./single.measure.ts";
import { measureSingles } from "./single.measure.ts";

/** The measurements of one api process under all kinds of load, with a ledger of its own. */
export type ApiMeasurement = {
  /** Deliveries per second that were answered after their commit. */
  readonly perSecond: number;
  readonly latencyAtFullLoad: LatencySummary;
  /** The cost of one delivery under full load. */
  readonly cost: DeliveryCost | undefined;
  /** The greatest resident memory under full load, MB of 10^6 bytes. */
  readonly peakResidentMb: number;
  /** The size of the ledger after that load, and the size of the received bodies. */
  readonly stored: StoredMeasurement;
  /** Latencies of acknowledgements at half of the greatest rate. */
  readonly latencyAtHalfLoad: LatencySummary;
  readonly halfRate: number;
  readonly single: SingleLatencies;
};

/** The bytes of a ledger, and of the bodies from which it was made. */
export type StoredMeasurement = {
  readonly bytesStored: number;
  readonly bytesReceived: number;
  readonly calls: number;
  readonly tables: ReadonlyMap<string, number>;
  /** Bytes of the content of each table, without row headers and indexes. */
  readonly content: ReadonlyMap<string, number>;
};

const SAMPLE_MS = 50;

export async function measureApi(bench: BenchSetup): Promise<ApiMeasurement> {
  const { scale } = bench;
  const ledger = await bench.createLedger();
  const empty = await storedBytes(ledger.sql);
  const api = await startApi(bench.program, ledger.appUrl, "/health/ready");
  let from = 0;
  let received = 0;
  const round = async (pace: LoadPace) => {
    const result = await bench.load([api.port], { from }, pace);
    from += result.sent;
    received += result.bytesSent;
    return result;
  };
  try {
    bench.say("warming up");
    await round(closedLoop(0, scale.warmupSeconds));
    // Plans that were made for empty tables would distort every figure.
    await ledger.sql.unsafe("analyze");
    bench.say("full load");
    const memory = watchMemory(api);
    const { results: full, cost } = await costOf(api, bench.cluster, async () => {
      const results: LoadResult[] = [];
      for (let index = 0; index < scale.rounds; index += 1) {
        results.push(await round(closedLoop(scale.settleSeconds, scale.loadSeconds)));
      }
      return results;
    });
    const perSecond = median(full.map(({ acceptedPerSecond }) => acceptedPerSecond));
    const peakResidentMb = memory.stop() / 1e6;
    const stored = await storedSince(ledger, empty, received);
    bench.say(`half load, ${(perSecond / 2).toFixed(0)} deliveries a second`);
    const halfLoad = { loop: "open", connections: 4 * CONNECTIONS, seconds: scale.openSeconds } as const;
    const half: LoadResult[] = [];
    for (let index = 0; index < scale.rounds; index += 1) {
      half.push(await round({ ...halfLoad, ratePerSecond: perSecond / 2 }));
    }
    bench.say("one request at a time");
    const single = await measureSingles(bench, ledger, api.port, from);
    return {
      perSecond,
      latencyAtFullLoad: medianRound(full),
      cost,
      peakResidentMb,
      stored,
      latencyAtHalfLoad: medianRound(half),
      halfRate: perSecond / 2,
      single,
    };
  } finally {
    await api.stop();
  }
}

/** Returns the latencies of the round with the median p99. */
function medianRound(rounds: readonly LoadResult[]): LatencySummary {
  const middle = rounds.map(({ latency }) => latency).toSorted((a, b) => a.p99 - b.p99);
  const found = middle[Math.floor((middle.length - 1) / 2)];
  if (found === undefined) throw new Error("no round was run");
  return found;
}

function watchMemory(server: ServerProcess): { stop(): number } {
  let peak = server.residentBytes();
  const timer = setInterval(() => {
    peak = Math.max(peak, server.residentBytes());
  }, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return peak;
    },
  };
}

async function storedSince(
  { sql }: BenchLedger,
  empty: ReadonlyMap<string, number>,
  bytesReceived: number,
): Promise<StoredMeasurement> {
  const now = await storedBytes(sql);
  const tables = new Map([...now].map(([name, bytes]) => [name, bytes - (empty.get(name) ?? 0)]));
  const bytesStored = [...tables.values()].reduce((sum, bytes) => sum + bytes, 0);
  const content = await contentBytes(sql);
  return { bytesStored, bytesReceived, calls: await countCalls(sql), tables, content };
}
