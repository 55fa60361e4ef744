import type { PoolUsage } from "@call-ledger/db/client";
import type { DayOfAccount } from "@call-ledger/db/completeness";
import type { RecordingStates } from "@call-ledger/db/read";
import type { LedgerStatus } from "@call-ledger/db/status";
import type { WriteQueue } from "@call-ledger/ingest";

/** The values that are read at a scrape. */
export type Readings = {
  /** `null`: the database did not answer in time. The first three answer in less than half a second. */
  ledger(): Promise<LedgerStatus | null>;
  recordings(): Promise<RecordingStates | null>;
  /** The days of the last week of a bounded number of accounts. `null`: they are not known yet. */
  accounts(): Promise<readonly DayOfAccount[] | null>;
  /** `false`: the database is known to take no writes. */
  isWritable(): Promise<boolean>;
  writeQueue(): WriteQueue;
  /** The bodies that are being received or answered, and the bytes that they take of their budget. */
  bodies(): { readonly bodies: number; readonly bytes: number; readonly limit: number };
  pools(): readonly PoolUsage[];
  /** The uploads of the worker in this process, by verdict; `null`: there is no worker in it. */
  uploads(): Readonly<Record<string, number>> | null;
  storageReachable(): boolean;
  readonly limitMb: number;
  readonly version: string;
};
