import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuiltApps } from "@call-ledger/build";
import { bundle } from "@call-ledger/build";
import type { BenchCluster, BenchLedger } from "../ledger/bench.cluster.ts";
import { runLoad } from "../load/load.client.ts";
import type { LoadPace, LoadResult } from "../load/load.job.ts";
import { SECRET, WEBHOOK_PATH } from "../servers/api.server.ts";
import { readTraffic, writeTraffic } from "../traffic/traffic.file.ts";
import { generateTraffic } from "../traffic/traffic.generate.ts";
import type { Scale } from "./bench.scale.ts";

/** Connections of a closed loop. They are enough to keep the server busy while writes are under way. */
export const CONNECTIONS = 64;

/** The parts that all measurements share: Postgres, the api's program, the traffic. */
export type BenchSetup = {
  readonly cluster: BenchCluster;
  readonly scale: Scale;
  /** The production build of the api. */
  readonly program: string;
  /** The production build of the operator's commands. */
  readonly opsProgram: string;
  /** Returns a part of the traffic. Throws an Error if the traffic is too short. */
  bodies(from: number, count: number): string[];
  readonly say: (line: string) => void;
  createLedger(): Promise<BenchLedger>;
  /** Sends a part of the traffic. */
  load(
    ports: readonly number[],
    part: { readonly from?: number; readonly count?: number; readonly cycle?: boolean },
    pace: LoadPace,
  ): Promise<LoadResult>;
};

const LOAD = {
  folder: "load",
  program: "load.mjs",
  entries: { main: fileURLToPath(new URL("../load/load.process.ts", import.meta.url)) },
};

/** Bundles the load's program, which is started dozens of times, and prepares the traffic, both in `folder`. */
export async function prepareBench(
  cluster: BenchCluster,
  scale: Scale,
  { api, ops }: Pick<BuiltApps, "api" | "ops">,
  folder: string,
  say: (line: string) => void,
): Promise<BenchSetup> {
  const loadProgram = await bundle(LOAD, folder);
  say(`preparing ${scale.deliveries} deliveries`);
  const traffic = writeTraffic(join(folder, "traffic"), generateTraffic("bench", scale.deliveries));
  let ledgers = 0;
  return {
    cluster,
    scale,
    program: api,
    opsProgram: ops,
    bodies(from, count) {
      if (from + count > traffic.count) throw new Error(`the traffic has ${traffic.count} deliveries only`);
      return readTraffic(traffic.file, traffic.rangeOf(from, count)).map(String);
    },
    say,
    createLedger() {
      ledgers += 1;
      return cluster.createLedger(`bench_${ledgers}`);
    },
    async load(ports, { from = 0, count, cycle = false }, pace) {
      const range = traffic.rangeOf(from, count ?? maxSent(pace, scale));
      const job = {
        ports,
        path: WEBHOOK_PATH,
        secret: SECRET,
        trafficFile: traffic.file,
        range,
        cycle,
        pace,
      };
      return runLoad(loadProgram, job);
    },
  };
}

/** Returns how many deliveries to prepare, so that a run prepares only what it can send. */
function maxSent(pace: LoadPace, { maxPerSecond }: Scale): number {
  if (pace.loop === "open") return Math.ceil(pace.ratePerSecond * pace.seconds);
  return Math.ceil((pace.warmupSeconds + pace.seconds) * maxPerSecond);
}

/** Returns a closed loop over all connections. */
export function closedLoop(warmupSeconds: number, seconds: number, connections = CONNECTIONS): LoadPace {
  return { loop: "closed", connections, warmupSeconds, seconds };
}

/** A closed loop that ends when its part of the traffic is used up. */
export const UNTIL_SENT = closedLoop(0, 600);
