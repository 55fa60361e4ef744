import { startApi } from "../servers/api.server.ts";
import type { Pooler } from "../servers/pgbouncer.server.ts";
import { startPooler } from "../servers/pgbouncer.server.ts";
import type { ServerProcess } from "../servers/server.process.ts";
import { median } from "../statistics/latency.summary.ts";
import type { BenchBed } from "./bench.bed.ts";
import { CONNECTIONS, closedLoop } from "./bench.bed.ts";

/** Deliveries a second of one process, and of two that share Postgres through PgBouncer in transaction mode. */
export type TwoProcesses = { readonly one: number; readonly two: number };

/** Some api processes before a ledger of their own, and how far they have come in the traffic. */
type Side = { readonly servers: readonly ServerProcess[]; from: number; readonly perSecond: number[] };

const SETTLE_SECONDS = 0.5;
/** On both sides alike: each of two processes has as many as one has elsewhere, or its batches are half as large. */
const ALL_CONNECTIONS = 2 * CONNECTIONS;

/**
 * Takes turns: one process on a direct connection, two through PgBouncer, and again, so that both meet the same machine.
 * @returns `undefined` where the machine has no PgBouncer
 */
export async function measureTwoProcesses(bed: BenchBed): Promise<TwoProcesses | undefined> {
  const shared = await bed.createLedger();
  const pooler = await startPooler(shared.appUrl);
  if (pooler === undefined) return undefined;
  const sides: Side[] = [];
  const start = async (urls: readonly string[]) => {
    const servers: ServerProcess[] = [];
    const side: Side = { servers, from: 0, perSecond: [] };
    sides.push(side);
    for (const url of urls) servers.push(await startApi(bed.program, url, "/health/ready"));
    return side;
  };
  try {
    const direct = await bed.createLedger();
    const one = await start([direct.appUrl]);
    const two = await start([pooler.url, pooler.url]);
    for (const side of sides) await load(bed, side, 0, bed.extent.warmupSeconds);
    for (const { sql } of [direct, shared]) await sql.unsafe("analyze");
    bed.say("one process, and two through PgBouncer, in turns");
    for (let round = 0; round < bed.extent.rounds; round += 1) {
      for (const side of [one, two]) {
        side.perSecond.push(await load(bed, side, SETTLE_SECONDS, bed.extent.loadSeconds));
      }
    }
    return { one: median(one.perSecond), two: median(two.perSecond) };
  } finally {
    await stopAll(sides, pooler);
  }
}

async function load(bed: BenchBed, side: Side, settle: number, seconds: number): Promise<number> {
  const ports = side.servers.map(({ port }) => port);
  const pace = closedLoop(settle, seconds, ALL_CONNECTIONS);
  const { sent, acceptedPerSecond } = await bed.load(ports, { from: side.from }, pace);
  side.from += sent;
  return acceptedPerSecond;
}

async function stopAll(sides: readonly Side[], pooler: Pooler): Promise<void> {
  await Promise.all(sides.flatMap(({ servers }) => servers.map((server) => server.stop())));
  await pooler.stop();
}
