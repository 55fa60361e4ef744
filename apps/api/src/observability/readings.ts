import type { PoolUsage } from "@call-ledger/db/client";
import type { RecordingStates } from "@call-ledger/db/read";
import type { LedgerStatus } from "@call-ledger/db/status";
import type { WriteQueue } from "@call-ledger/ingest";

/** What a scrape asks for. */
export type Readings = {
  /** `null`: the database did not answer in time. Both answer in less than half a second. */
  ledger(): Promise<LedgerStatus | null>;
  recordings(): Promise<RecordingStates | null>;
  /** Whether the database takes writes, as far as that is known. */
  isWritable(): Promise<boolean>;
  writeQueue(): WriteQueue;
  /** The bodies that are being received or answered, and the bytes that they take of their budget. */
  bodies(): { readonly bodies: number; readonly bytes: number; readonly limit: number };
  pools(): readonly PoolUsage[];
  /** What this process's own worker did, by verdict; `null`: it has none. */
  uploads(): Readonly<Record<string, number>> | null;
  storageReachable(): boolean;
  readonly limitMb: number;
  readonly version: string;
};
