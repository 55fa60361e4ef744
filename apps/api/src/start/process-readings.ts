import type { Pool } from "@call-ledger/db/client";
import type { Booking } from "@call-ledger/ingest";
import type { LedgerHealth } from "../health/ledger-health.ts";
import type { RequestBodies } from "../http/request-body.ts";
import type { Readings } from "../observability/readings.ts";
import type { BackgroundWork } from "./background-work.ts";

export type ReadingSources = {
  readonly health: LedgerHealth;
  readonly booking: Booking;
  readonly bodies: RequestBodies;
  readonly work: BackgroundWork;
  readonly pools: readonly Pool[];
  readonly limitMb: number;
};

/** The sources of the values of a scrape. */
export function processReadings(sources: ReadingSources): Readings {
  const { health, booking, bodies, work, pools, limitMb } = sources;
  return {
    ledger: health.status,
    recordings: health.recordings,
    accounts: health.accounts,
    bodies: bodies.usage,
    isWritable: async () => (await health.unwritable()) === null,
    writeQueue: booking.queue,
    pools: () => pools.map((pool) => pool.usage()),
    uploads: work.uploads,
    storageReachable: work.storageReachable,
    limitMb,
    version: health.version,
  };
}
