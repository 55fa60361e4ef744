import { startApi } from "../servers/api.server.ts";
import type { BenchBed } from "./bench.bed.ts";
import { UNTIL_SENT } from "./bench.bed.ts";
import type { DeliveryCost } from "./delivery.cost.ts";
import { costOf } from "./delivery.cost.ts";

type Sending = { readonly perSecond: number; readonly cost: DeliveryCost | undefined };

/** The same part of the traffic, sent for the first time and sent again. */
export type DuplicateMeasurement = { readonly first: Sending; readonly again: Sending };

export async function measureDuplicates(bed: BenchBed): Promise<DuplicateMeasurement> {
  bed.say("duplicates");
  const { duplicates } = bed.extent;
  const ledger = await bed.createLedger();
  const api = await startApi(bed.program, ledger.appUrl, "/health/ready");
  const send = async (from: number): Promise<Sending> => {
    const load = async () => [await bed.load([api.port], { from, count: duplicates }, UNTIL_SENT)];
    const { results, cost } = await costOf(api, bed.cluster, load);
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
