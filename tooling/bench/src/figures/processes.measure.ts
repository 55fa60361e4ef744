import type { PgBouncer } from "@call-ledger/testkit/process";
import { findProgram, startPgBouncer } from "@call-ledger/testkit/process";
import { startApi } from "../servers/api.server.ts";
import type { ServerProcess } from "../servers/server.process.ts";
import { median } from "../statistics/latency.summary.ts";
import type { BenchSetup } from "./bench.setup.ts";
import { CONNECTIONS, closedLoop } from "./bench.setup.ts";

/** Deliveries per second of one process, and of two that share Postgres through PgBouncer in transaction mode. */
export type TwoProcesses = { readonly one: number; readonly two: number };

/** Api processes with a ledger of their own, and their position in the traffic. */
type Side = { readonly servers: readonly ServerProcess[]; from: number; readonly perSecond: number[] };

/** The number that two processes on direct connections would use for deliveries. */
const POOLER_CONNECTIONS = 12;
/**
 * The same number on both sides. With fewer, each of two processes would get half as many, and make smaller batches.
 */
const ALL_CONNECTIONS = 2 * CONNECTIONS;

/**
 * Measures one process on a direct connection and two through PgBouncer in turns, so that both run on the same machine
 * under the same conditions. Returns `undefined` if PgBouncer is not installed.
 */
export async function measureTwoProcesses(bench: BenchSetup): Promise<TwoProcesses | undefined> {
  const { warmupSeconds, settleSeconds, loadSeconds } = bench.scale;
  const program = findProgram("pgbouncer");
  if (program === undefined) return undefined;
  const shared = await bench.createLedger();
  const pooler = await startPgBouncer(program, [shared.appUrl], {}, POOLER_CONNECTIONS);
  const pooled = pooler.through(shared.appUrl);
  const sides: Side[] = [];
  const start = async (urls: readonly string[]) => {
    const servers: ServerProcess[] = [];
    const side: Side = { servers, from: 0, perSecond: [] };
    sides.push(side);
    for (const url of urls) servers.push(await startApi(bench.program, url, "/health/ready"));
    return side;
  };
  try {
    const direct = await bench.createLedger();
    const one = await start([direct.appUrl]);
    const two = await start([pooled, pooled]);
    for (const side of sides) await load(bench, side, 0, warmupSeconds);
    for (const { sql } of [direct, shared]) await sql.unsafe("analyze");
    bench.say("one process, and two through PgBouncer, in turns");
    for (let round = 0; round < bench.scale.rounds; round += 1) {
      for (const side of [one, two]) {
        side.perSecond.push(await load(bench, side, settleSeconds, loadSeconds));
      }
    }
    return { one: median(one.perSecond), two: median(two.perSecond) };
  } finally {
    await stopAll(sides, pooler);
  }
}

async function load(bench: BenchSetup, side: Side, settle: number, seconds: number): Promise<number> {
  const ports = side.servers.map(({ port }) => port);
  const pace = closedLoop(settle, seconds, ALL_CONNECTIONS);
  const { sent, acceptedPerSecond } = await bench.load(ports, { from: side.from }, pace);
  side.from += sent;
  return acceptedPerSecond;
}

async function stopAll(sides: readonly Side[], pooler: PgBouncer): Promise<void> {
  await Promise.all(sides.flatMap(({ servers }) => servers.map((server) => server.stop())));
  pooler.stop();
}
