import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuiltApps } from "@call-ledger/build";
import { HEAP_OPTIONS } from "@call-ledger/build";
import type { Scale } from "../figures/bench.scale.ts";
import type { BenchSetup } from "../figures/bench.setup.ts";
import { closedLoop, prepareBench } from "../figures/bench.setup.ts";
import type { DeliveryCost } from "../figures/delivery.cost.ts";
import { costOf } from "../figures/delivery.cost.ts";
import type { BenchLedger } from "../ledger/bench.cluster.ts";
import { startBenchCluster } from "../ledger/bench.cluster.ts";
import { startApi } from "../servers/api.server.ts";
import type { ServerProcess } from "../servers/server.process.ts";
import { timeByRoom } from "./cpu.profile.ts";

/** The parts of a delivery's processor time under full load, in microseconds per delivery. */
export type Profile = {
  readonly cost: DeliveryCost | undefined;
  /** The api's main thread by room, largest first. */
  readonly api: Readonly<Record<string, number>>;
  /** The time within each function of the ledger, without the functions that it calls, with waiting. */
  readonly functions: Readonly<Record<string, number>>;
};

type ProfileOptions = {
  readonly scale: Scale;
  readonly say: (line: string) => void;
  readonly programs: Pick<BuiltApps, "api" | "ops">;
};

const API = fileURLToPath(import.meta.resolve("@call-ledger/api/start"));

/** Runs the api from its sources, so that the profile can name its rooms, with the heap options of its build. */
export async function runProfile({ scale, say, programs }: ProfileOptions): Promise<Profile> {
  const folder = mkdtempSync(join(tmpdir(), "call-ledger-profile-"));
  say("starting Postgres");
  const cluster = await startBenchCluster({ track_functions: "all" });
  try {
    const bench = await prepareBench(cluster, scale, programs, folder, say);
    const ledger = await bench.createLedger();
    const options = ["--no-warnings", "--cpu-prof", `--cpu-prof-dir=${join(folder, "profiles")}`];
    const api = await startApi(API, ledger.appUrl, "/health/ready", [...HEAP_OPTIONS, ...options]);
    const load = await loaded(bench, ledger, api).finally(() => api.stop());
    const stoppedAt = performance.now();
    const [file = ""] = readdirSync(join(folder, "profiles"));
    const window = { fromMs: stoppedAt - load.begunAt, untilMs: stoppedAt - load.endedAt };
    const time = timeByRoom(join(folder, "profiles", file), window);
    return { cost: load.cost, api: eachOf(time, load.sent), functions: eachOf(load.functions, load.sent) };
  } finally {
    await cluster.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function loaded(bench: BenchSetup, ledger: BenchLedger, api: ServerProcess) {
  const { scale, cluster } = bench;
  bench.say("warming up");
  const { sent: from } = await bench.load([api.port], {}, closedLoop(0, scale.warmupSeconds));
  await ledger.sql.unsafe("analyze");
  const before = await functionTimes(ledger);
  bench.say("full load");
  const begunAt = performance.now();
  const { results, cost } = await costOf(api, cluster, async () => [
    await bench.load([api.port], { from }, closedLoop(0, scale.loadSeconds)),
  ]);
  const endedAt = performance.now();
  const after = await functionTimes(ledger);
  const functions = new Map([...after].map(([name, time]) => [name, time - (before.get(name) ?? 0)]));
  return { begunAt, endedAt, cost, functions, sent: results[0]?.sent ?? 0 };
}

/** Returns microseconds by function. Waits first: a connection reports its times a moment after it becomes idle. */
async function functionTimes({ sql }: BenchLedger): Promise<ReadonlyMap<string, number>> {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const rows = await sql<{ name: string; us: number }[]>`
    select funcname as name, sum(self_time) * 1000 as us from pg_stat_user_functions group by 1`;
  return new Map(rows.map(({ name, us }) => [name, us]));
}

function eachOf(time: ReadonlyMap<string, number>, deliveries: number): Record<string, number> {
  const largestFirst = [...time].filter(([, us]) => us > 0).toSorted(([, a], [, b]) => b - a);
  return Object.fromEntries(largestFirst.map(([name, us]) => [name, us / deliveries]));
}

/** Returns the profile as tables for people. */
export function profileLines({ cost, api, functions }: Profile): string[] {
  const table = (title: string, parts: Readonly<Record<string, number>>) => {
    const sum = Object.values(parts).reduce((total, us) => total + us, 0);
    const rows = Object.entries(parts).map(
      ([name, us]) => `${us.toFixed(1).padStart(8)}  ${((100 * us) / sum).toFixed(0).padStart(3)} %  ${name}`,
    );
    return [`${title}: ${sum.toFixed(0)} µs a delivery`, ...rows, ""];
  };
  const whole =
    cost === undefined
      ? []
      : [
          `processor time a delivery: api ${cost.serverMicroseconds.toFixed(0)} µs, Postgres ${cost.postgresMicroseconds.toFixed(0)} µs`,
          "",
        ];
  return [...whole, ...table("the api's main thread", api), ...table("functions in Postgres", functions)];
}
