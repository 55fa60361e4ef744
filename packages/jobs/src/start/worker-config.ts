import type { SourceRules } from "../fetch/source-rules.ts";
import type { HousekeepingLimits } from "../housekeeping/housekeeping-job.ts";
import { localStorage } from "../storage/local.storage.ts";
import type { ObjectStorage } from "../storage/object-storage.ts";
import type { S3Bucket } from "../storage/s3.request.ts";
import { s3Storage } from "../storage/s3.storage.ts";

/** Where recordings are kept, as the validated environment says it, under the variables' names. */
export type StorageConfig = {
  readonly STORAGE_DRIVER: "local" | "s3";
  readonly STORAGE_PATH: string;
  readonly S3_ENDPOINT: string | null;
  readonly S3_REGION: string;
  readonly S3_BUCKET: string | null;
  readonly S3_ACCESS_KEY_ID: string | null;
  readonly S3_SECRET_ACCESS_KEY: string | null;
};

/** What the worker reads of the validated environment. */
export type WorkerConfig = StorageConfig & {
  readonly NODE_ENV: string;
  readonly DIRECT_DATABASE_URL: string | null;
  readonly VAPI_API_KEY: string | null;
  readonly VAPI_API_URL: string;
  /** Opens the API keys of organizations' own accounts. */
  readonly ENCRYPTION_KEY: string | null;
  /** Says that the folder outlives the process and its machine. */
  readonly STORAGE_LOCAL_DURABLE?: boolean;
  readonly RECORDING_HOSTS: readonly string[];
  /** `name:port` of servers that may have any address: for tests alone. */
  readonly RECORDING_TEST_HOSTS?: readonly string[];
  readonly RECORDING_CHANNELS: readonly string[];
  readonly PAYLOAD_RETENTION_DAYS: number;
  readonly EVENT_RETENTION_DAYS: number;
  readonly DATABASE_LIMIT_MB: number;
};

/** The worker may not start in this environment; the message says what to put right and quotes no value. */
export class WorkerRefused extends Error {
  override readonly name = "WorkerRefused";
}

/** Why the worker must not run like this: one sentence a variable, none when it may. */
export function workerProblems(config: WorkerConfig): string[] {
  if (config.NODE_ENV !== "production") return [];
  const problems: string[] = [];
  if ((config.RECORDING_TEST_HOSTS ?? []).length > 0) {
    problems.push("RECORDING_TEST_HOSTS must not be set when NODE_ENV is production");
  }
  if (config.STORAGE_DRIVER === "local" && config.STORAGE_LOCAL_DURABLE !== true) {
    problems.push(
      "STORAGE_DRIVER must be s3 when NODE_ENV is production, or STORAGE_LOCAL_DURABLE true if the folder outlives a deployment",
    );
  }
  return problems;
}

/** Opens the storage that the environment names; nothing is asked of it yet. Throws WorkerRefused. */
export function recordingStorage(config: StorageConfig): ObjectStorage {
  const bucket = recordingBucket(config);
  return bucket === null ? localStorage(config.STORAGE_PATH) : s3Storage(bucket);
}

/** The bucket of the s3 driver; `null` with the local one. Throws WorkerRefused. */
export function recordingBucket(config: StorageConfig): S3Bucket | null {
  if (config.STORAGE_DRIVER === "local") return null;
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket } = config;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
  if (endpoint === null || bucket === null || accessKeyId === null || secretAccessKey === null) {
    throw new WorkerRefused("STORAGE_DRIVER s3 needs S3_ENDPOINT, S3_BUCKET and the two access keys");
  }
  return { endpoint, region: config.S3_REGION, bucket, accessKeyId, secretAccessKey };
}

/** How long things are kept. */
export function housekeepingLimits(config: WorkerConfig): HousekeepingLimits {
  return {
    payloadRetentionDays: config.PAYLOAD_RETENTION_DAYS,
    eventRetentionDays: config.EVENT_RETENTION_DAYS,
    databaseLimitMb: config.DATABASE_LIMIT_MB,
  };
}

/** The API's own host counts as allow-listed: it was configured to be asked. */
export function sourceRules(config: WorkerConfig): SourceRules {
  const api = URL.parse(config.VAPI_API_URL)?.hostname;
  return {
    hosts: [...config.RECORDING_HOSTS, ...(api === undefined ? [] : [api])],
    testHosts: config.RECORDING_TEST_HOSTS ?? [],
  };
}
