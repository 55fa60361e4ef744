import type { TcpProxy } from "@call-ledger/testkit/faults";
import { tcpProxy } from "@call-ledger/testkit/faults";
import { findProgram } from "@call-ledger/testkit/process";
import { directTransactionsPerSecond } from "../direct/direct.load.ts";
import { functionCalls } from "../direct/function.arguments.ts";
import { pgbenchTransactionsPerSecond, storeArguments } from "../direct/pgbench.run.ts";
import type { BenchLedger } from "../ledger/bench.cluster.ts";
import type { LoadPace } from "../load/load.job.ts";
import { SECRET, startApi } from "../servers/api.server.ts";
import { startBaseline } from "../servers/baseline.server.ts";
import { NAIVE_TABLES } from "../servers/naive.tables.ts";
import type { ServerProcess } from "../servers/server.process.ts";
import { ASSISTANTS } from "../traffic/traffic.generate.ts";
import type { BenchSetup } from "./bench.setup.ts";
import { closedLoop } from "./bench.setup.ts";
import type { DeliveryCost } from "./delivery.cost.ts";
import { costOf } from "./delivery.cost.ts";

/** A server to compare with: its answers per second, and the cost of one answer. */
export type BaselineMeasurement = { readonly perSecond: number; readonly cost: DeliveryCost | undefined };

/** Measures Express without storage; `verifying` checks signatures. */
export async function measureExpress(
  bench: BenchSetup,
  kind: "bare" | "verifying",
): Promise<BaselineMeasurement> {
  bench.say(`${kind} Express`);
  const server = await startBaseline({ kind, secret: SECRET, databaseUrl: "" });
  try {
    const part = { cycle: true, count: 5_000 };
    await bench.load([server.port], part, closedLoop(0, bench.scale.warmupSeconds / 2));
    return await measured(bench, server, part, closedLoop(0, bench.scale.baselineSeconds));
  } finally {
    await server.stop();
  }
}

/** The naive handler and the api, each with a network delay to its database. */
export type NaiveMeasurement = { readonly naive: BaselineMeasurement; readonly api: BaselineMeasurement };

/** The network part of a query's duration: half of it in each direction. */
export const ROUND_TRIP_MS = 5;

/** Measures both with the same pool, load and delay. */
export async function measureNaive(bench: BenchSetup): Promise<NaiveMeasurement> {
  bench.say(`the naive handler, ${ROUND_TRIP_MS} ms from its database`);
  const theirs = await bench.createLedger();
  await createNaiveTables(theirs);
  const naive = await measuredAfar(bench, theirs, theirs.ownerUrl, (databaseUrl) =>
    startBaseline({ kind: "naive", secret: SECRET, databaseUrl }),
  );
  bench.say(`the api, ${ROUND_TRIP_MS} ms from its database`);
  const ours = await bench.createLedger();
  const api = await measuredAfar(bench, ours, ours.appUrl, (databaseUrl) =>
    startApi(bench.program, databaseUrl, "/health/ready"),
  );
  return { naive, api };
}

async function measuredAfar(
  bench: BenchSetup,
  { sql }: BenchLedger,
  databaseUrl: string,
  start: (databaseUrl: string) => Promise<ServerProcess>,
): Promise<BaselineMeasurement> {
  const proxy: TcpProxy = await tcpProxy(databaseUrl, () => ROUND_TRIP_MS / 2);
  try {
    const server = await start(proxy.url);
    try {
      const { sent } = await bench.load([server.port], {}, closedLoop(0, bench.scale.warmupSeconds));
      await sql.unsafe("analyze");
      const pace = closedLoop(bench.scale.settleSeconds, bench.scale.baselineSeconds);
      return await measured(bench, server, { from: sent }, pace);
    } finally {
      await server.stop();
    }
  } finally {
    await proxy.stop();
  }
}

async function createNaiveTables({ sql, appUrl }: BenchLedger): Promise<void> {
  await sql.unsafe(NAIVE_TABLES);
  const role = new URL(appUrl).username;
  await sql.unsafe(`grant usage on schema naive to ${role};
    grant select, insert, update on all tables in schema naive to ${role};
    grant usage on all sequences in schema naive to ${role}`);
  await sql`insert into naive.agents (id, org_id, vapi_assistant_id)
    select gen_random_uuid(), gen_random_uuid(), id from unnest(${ASSISTANTS}::text[]) id`;
  await sql.unsafe("vacuum analyze naive.agents");
}

async function measured(
  bench: BenchSetup,
  server: ServerProcess,
  part: Parameters<BenchSetup["load"]>[1],
  pace: LoadPace,
): Promise<BaselineMeasurement> {
  const load = async () => [await bench.load([server.port], part, pace)];
  const { results, cost } = await costOf(server, bench.cluster, load);
  return { perSecond: results[0]?.acceptedPerSecond ?? 0, cost };
}

/** The write function run directly, at the number of clients that gave the highest rate. */
export type DirectMeasurement = {
  readonly best: number;
  readonly name: string;
  /** Transactions per second by client program and number of clients. */
  readonly all: Readonly<Record<string, number>>;
};

/**
 * Runs one delivery per transaction, with the api's own prepared arguments; over the api's driver if pgbench is
 * missing.
 */
export async function measureDirect(bench: BenchSetup): Promise<DirectMeasurement> {
  const { directClients, directTransactions } = bench.scale;
  bench.say("the write function, run directly");
  const calls = await functionCalls(bench.bodies(0, directTransactions * (directClients.length + 1)));
  const [first] = calls;
  if (first === undefined) throw new Error("the traffic books nothing");
  const ledger = await bench.createLedger();
  // Fills caches and plans, as in a server that has run for a while.
  await directTransactionsPerSecond(ledger.appUrl, calls.splice(0, directTransactions), 4);
  await ledger.sql.unsafe("analyze");
  const pgbench = findProgram("pgbench");
  if (pgbench !== undefined) await storeArguments(ledger, [...calls, first]);
  const transactions = Math.floor(calls.length / directClients.length);
  const all: Record<string, number> = {};
  for (const [index, clients] of directClients.entries()) {
    if (pgbench === undefined) {
      const part = calls.slice(index * transactions, (index + 1) * transactions);
      all[`driver ${clients}`] = await directTransactionsPerSecond(ledger.appUrl, part, clients);
    } else {
      const options = { clients, transactions };
      all[`pgbench ${clients}`] = pgbenchTransactionsPerSecond(pgbench, ledger, first, options);
    }
  }
  const best = Math.max(...Object.values(all));
  const name = Object.keys(all).find((one) => all[one] === best) ?? "";
  return { best, name, all };
}
