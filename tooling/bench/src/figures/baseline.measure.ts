import { directTransactionsPerSecond } from "../direct/direct.load.ts";
import { functionCalls } from "../direct/function.arguments.ts";
import { pgbenchTransactionsPerSecond, programOnPath, storeArguments } from "../direct/pgbench.run.ts";
import type { LoadPace } from "../load/load.job.ts";
import { SECRET } from "../servers/api.server.ts";
import { startBaseline } from "../servers/baseline.server.ts";
import { NAIVE_TABLES } from "../servers/naive.tables.ts";
import type { ServerProcess } from "../servers/server.process.ts";
import { ASSISTANTS } from "../traffic/traffic.generate.ts";
import type { BenchBed } from "./bench.bed.ts";
import { closedLoop } from "./bench.bed.ts";
import type { DeliveryCost } from "./delivery.cost.ts";
import { costOf } from "./delivery.cost.ts";

/** A server to compare with: what it answers a second, and what one answer costs. */
export type BaselineMeasurement = { readonly perSecond: number; readonly cost: DeliveryCost | undefined };

/** Express that stores nothing; `verifying` checks signatures. */
export async function measureExpress(
  bed: BenchBed,
  kind: "bare" | "verifying",
): Promise<BaselineMeasurement> {
  bed.say(`${kind} Express`);
  const server = await startBaseline({ kind, secret: SECRET, databaseUrl: "" });
  try {
    const part = { cycle: true, count: 5_000 };
    await bed.load([server.port], part, closedLoop(0, bed.extent.warmupSeconds / 2));
    return await measured(bed, server, part, closedLoop(0, bed.extent.baselineSeconds));
  } finally {
    await server.stop();
  }
}

export async function measureNaive(bed: BenchBed): Promise<BaselineMeasurement> {
  bed.say("the naive handler");
  const { sql, appUrl, ownerUrl } = await bed.createLedger();
  await sql.unsafe(NAIVE_TABLES);
  const role = new URL(appUrl).username;
  await sql.unsafe(`grant usage on schema naive to ${role};
    grant select, insert, update on all tables in schema naive to ${role};
    grant usage on all sequences in schema naive to ${role}`);
  await sql`insert into naive.agents (id, org_id, vapi_assistant_id)
    select gen_random_uuid(), gen_random_uuid(), id from unnest(${ASSISTANTS}::text[]) id`;
  await sql.unsafe("vacuum analyze naive.agents");
  const server = await startBaseline({ kind: "naive", secret: SECRET, databaseUrl: ownerUrl });
  try {
    const { sent } = await bed.load([server.port], {}, closedLoop(0, bed.extent.warmupSeconds));
    await sql.unsafe("analyze");
    const pace = closedLoop(0.5, bed.extent.baselineSeconds);
    return await measured(bed, server, { from: sent }, pace);
  } finally {
    await server.stop();
  }
}

async function measured(
  bed: BenchBed,
  server: ServerProcess,
  part: Parameters<BenchBed["load"]>[1],
  pace: LoadPace,
): Promise<BaselineMeasurement> {
  const load = async () => [await bed.load([server.port], part, pace)];
  const { results, cost } = await costOf(server, bed.cluster, load);
  return { perSecond: results[0]?.acceptedPerSecond ?? 0, cost };
}

/** The write function called directly: the best of the clients and numbers of clients that were tried. */
export type DirectMeasurement = {
  readonly best: number;
  readonly name: string;
  /** Transactions a second by client and number of clients. */
  readonly all: Readonly<Record<string, number>>;
};

/** One delivery a transaction, with the api's own prepared arguments, by pgbench where there is one and by our client. */
export async function measureDirect(bed: BenchBed): Promise<DirectMeasurement> {
  const { directClients, directTransactions } = bed.extent;
  bed.say("the write function, called directly");
  const calls = await functionCalls(bed.bodies(0, directTransactions * (directClients.length + 1)));
  const [first] = calls;
  if (first === undefined) throw new Error("the traffic books nothing");
  const all: Record<string, number> = {};

  const ours = await bed.createLedger();
  // Fills caches and plans, as a server that has run for a while.
  await directTransactionsPerSecond(ours.appUrl, calls.splice(0, directTransactions), 4);
  await ours.sql.unsafe("analyze");
  for (const [index, clients] of directClients.entries()) {
    const part = calls.slice(index * directTransactions, (index + 1) * directTransactions);
    all[`client ${clients}`] = await directTransactionsPerSecond(ours.appUrl, part, clients);
  }
  const pgbench = programOnPath("pgbench");
  if (pgbench !== undefined) {
    const theirs = await bed.createLedger();
    await storeArguments(theirs, [...calls, first]);
    for (const clients of directClients) {
      const options = { clients, transactions: Math.floor(calls.length / directClients.length) };
      all[`pgbench ${clients}`] = pgbenchTransactionsPerSecond(pgbench, theirs, first, options);
    }
  }
  const best = Math.max(...Object.values(all));
  const name = Object.keys(all).find((one) => all[one] === best) ?? "";
  return { best, name, all };
}
