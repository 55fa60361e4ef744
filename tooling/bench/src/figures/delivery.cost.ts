import type { BenchCluster } from "../ledger/bench.cluster.ts";
import type { LoadResult } from "../load/load.job.ts";
import type { ServerProcess } from "../servers/server.process.ts";

/** Processor time for one delivery, in microseconds. It varies less than a rate. */
export type DeliveryCost = { readonly serverMicroseconds: number; readonly postgresMicroseconds: number };

/** Returns the cost of the deliveries of some loads; `undefined` if the system does not give processor times. */
export async function costOf(
  server: ServerProcess,
  cluster: BenchCluster,
  send: () => Promise<readonly LoadResult[]>,
): Promise<{ readonly results: readonly LoadResult[]; readonly cost: DeliveryCost | undefined }> {
  const before = secondsOf(server, cluster);
  const results = await send();
  const after = secondsOf(server, cluster);
  const sent = results.reduce((sum, result) => sum + result.sent, 0);
  const each = (place: 0 | 1) => (((after?.[place] ?? 0) - (before?.[place] ?? 0)) * 1e6) / sent;
  const cost =
    before === undefined || after === undefined
      ? undefined
      : { serverMicroseconds: each(0), postgresMicroseconds: each(1) };
  return { results, cost };
}

export function totalMicroseconds({ serverMicroseconds, postgresMicroseconds }: DeliveryCost): number {
  return serverMicroseconds + postgresMicroseconds;
}

/** Returns a cost as numbers of a figure. `prefix` begins the name of each. */
export function costNumbers(prefix: string, cost: DeliveryCost | undefined): Record<string, number> {
  if (cost === undefined) return {};
  const { serverMicroseconds, postgresMicroseconds } = cost;
  return { [`${prefix}_server_us`]: serverMicroseconds, [`${prefix}_postgres_us`]: postgresMicroseconds };
}

function secondsOf(server: ServerProcess, cluster: BenchCluster): readonly [number, number] | undefined {
  const [own, postgres] = [server.cpuSeconds(), cluster.cpuSeconds()];
  return own === undefined || postgres === undefined ? undefined : [own, postgres];
}
