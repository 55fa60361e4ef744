import type { PlatformConfig } from "@call-ledger/providers";
import type { StorageConfig } from "@call-ledger/storage";
import type { HostRules } from "../egress/host-rules.ts";
import type { HousekeepingLimits } from "../housekeeping/housekeeping-job.ts";

type OwnConfig = {
  readonly NODE_ENV: string;
  readonly DIRECT_DATABASE_URL: string | null;
  /** The server's URL for senders. */
  readonly PUBLIC_URL: string | null;
  /** `name:port` of servers that alert channels may reach at any address. */
  readonly ALERT_HOSTS: readonly string[];
  /** The key that opens the API keys of organizations' own accounts, and the settings of alert channels. */
  readonly ENCRYPTION_KEY: string | null;
  /** Whether the folder outlives the process and its machine. */
  readonly STORAGE_LOCAL_DURABLE?: boolean;
  readonly RECORDING_HOSTS: readonly string[];
  /** `name:port` of servers that may have any address. Only for tests. */
  readonly RECORDING_TEST_HOSTS?: readonly string[];
  /** The channels whose recordings are kept. */
  readonly RECORDING_CHANNELS: readonly string[];
  /** The interval in which each account is compared with its provider; 0: never. */
  readonly RECONCILE_MINUTES: number;
  /** Kilobytes of 1,000 bytes. */
  readonly RECORDING_MIN_KB_PER_SECOND: number;
  readonly PAYLOAD_RETENTION_DAYS: number;
  readonly EVENT_RETENTION_DAYS: number;
  readonly DATABASE_LIMIT_MB: number;
  readonly OVERDUE_CONNECTION_MINUTES: number;
  readonly OVERDUE_END_MINUTES: number;
  readonly OVERDUE_REPORT_MINUTES: number;
};

/** The variables of the validated environment that the worker reads. */
export type WorkerConfig = StorageConfig & PlatformConfig & OwnConfig;

/** A variable with which the worker must not run. `problem` follows its name in a sentence. */
type VariableProblem = { readonly variable: string; readonly problem: string };

/** Returns why the worker must not run with this environment; none: it may run. */
export function workerProblems(config: WorkerConfig): VariableProblem[] {
  if (config.NODE_ENV !== "production") return [];
  if (config.STORAGE_DRIVER === "s3" || config.STORAGE_LOCAL_DURABLE === true) return [];
  const problem =
    "must be s3 when NODE_ENV is production, or STORAGE_LOCAL_DURABLE true if the folder outlives a deployment";
  return [{ variable: "STORAGE_DRIVER", problem }];
}

/** Returns how long things are kept, and when a call is overdue. */
export function housekeepingLimits(config: WorkerConfig): HousekeepingLimits {
  return {
    payloadRetentionDays: config.PAYLOAD_RETENTION_DAYS,
    eventRetentionDays: config.EVENT_RETENTION_DAYS,
    databaseLimitMb: config.DATABASE_LIMIT_MB,
    overdue: {
      beforeConnectionSeconds: config.OVERDUE_CONNECTION_MINUTES * 60,
      inProgressSeconds: config.OVERDUE_END_MINUTES * 60,
      reportSeconds: config.OVERDUE_REPORT_MINUTES * 60,
    },
  };
}

/** Returns the hosts from which recordings of every account may be fetched, beside each provider's own hosts. */
export function recordingHostRules(config: WorkerConfig): HostRules {
  return { hosts: config.RECORDING_HOSTS, testHosts: config.RECORDING_TEST_HOSTS ?? [] };
}
