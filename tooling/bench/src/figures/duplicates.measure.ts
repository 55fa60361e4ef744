import type { LoadResult } from "../load/load.job.ts";
import { startApi } from "../servers/api.server.ts";
import type { BenchBed } from "./bench.bed.ts";
import { UNTIL_SENT } from "./bench.bed.ts";

/** What one delivery costs the ledger. */
export type DeliveryCost = {
  readonly perSecond: number;
  /** Processor time for one, microseconds: of the api, and of Postgres. `undefined` where the system does not tell it. */
  readonly apiMicroseconds: number | undefined;
  readonly postgresMicroseconds: number | undefined;
};

/** The same part of the traffic, sent for the first time and sent again. */
export type DuplicateMeasurement = { readonly first: DeliveryCost; readonly again: DeliveryCost };

export async function measureDuplicates(bed: BenchBed): Promise<DuplicateMeasurement> {
  bed.say("duplicates");
  const { duplicates } = bed.extent;
  const ledger = await bed.createLedger();
  const api = await startApi(bed.program, ledger.appUrl, "/health/ready");
  const cost = async (send: () => Promise<LoadResult>): Promise<DeliveryCost> => {
    const before = [api.cpuSeconds(), bed.cluster.cpuSeconds()] as const;
    const { sent, acceptedPerSecond } = await send();
    const after = [api.cpuSeconds(), bed.cluster.cpuSeconds()] as const;
    return {
      perSecond: acceptedPerSecond,
      apiMicroseconds: microsecondsEach(before[0], after[0], sent),
      postgresMicroseconds: microsecondsEach(before[1], after[1], sent),
    };
  };
  try {
    await bed.load([api.port], { count: duplicates }, UNTIL_SENT);
    await ledger.sql.unsafe("analyze");
    const send = () => bed.load([api.port], { from: duplicates, count: duplicates }, UNTIL_SENT);
    return { first: await cost(send), again: await cost(send) };
  } finally {
    await api.stop();
  }
}

/** Processor time of everything that the ledger consists of; `undefined` where the system does not tell it. */
export function totalMicroseconds({
  apiMicroseconds,
  postgresMicroseconds,
}: DeliveryCost): number | undefined {
  if (apiMicroseconds === undefined || postgresMicroseconds === undefined) return undefined;
  return apiMicroseconds + postgresMicroseconds;
}

function microsecondsEach(
  before: number | undefined,
  after: number | undefined,
  sent: number,
): number | undefined {
  return before === undefined || after === undefined ? undefined : ((after - before) * 1e6) / sent;
}
