import { startApi } from "../servers/api.server.ts";
import type { BenchSetup } from "./bench.setup.ts";
import { UNTIL_SENT } from "./bench.setup.ts";
import type { DeliveryCost } from "./delivery.cost.ts";
import { costOf } from "./delivery.cost.ts";

type Sending = { readonly perSecond: number; readonly cost: DeliveryCost | undefined };

/** The same part of the traffic, sent for the first time and sent again. */
export type DuplicateMeasurement = { readonly first: Sending; readonly again: Sending };

export async function measureDuplicates(bench: BenchSetup): Promise<DuplicateMeasurement> {
  bench.say("duplicates");
  const { duplicates } = bench.scale;
  const ledger = await bench.createLedger();
  const api = await startApi(bench.program, ledger.appUrl, "/health/ready");
  const send = async (from: number): Promise<Sending> => {
    const load = async () => [await bench.load([api.port], { from, count: duplicates }, UNTIL_SENT)];
    const { results, cost } = await costOf(api, bench.cluster, load);
    return { perSecond: results[0]?.acceptedPerSecond ?? 0, cost };
  };
  try {
    await send(0);
    await ledger.sql.unsafe("analyze");
    return { first: await send(duplicates), again: await send(duplicates) };
  } finally {
    await api.stop();
  }
}
