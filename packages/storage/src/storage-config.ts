import { localStorage } from "./local.storage.ts";
import type { ObjectStorage } from "./object-storage.ts";
import type { S3Bucket } from "./s3.request.ts";
import { s3Storage } from "./s3.storage.ts";

/** The settings of the storage, as the validated environment has them, under the variables' names. */
export type StorageConfig = {
  readonly STORAGE_DRIVER: "local" | "s3";
  readonly STORAGE_PATH: string;
  readonly S3_ENDPOINT: string | null;
  readonly S3_REGION: string;
  readonly S3_BUCKET: string | null;
  readonly S3_ACCESS_KEY_ID: string | null;
  readonly S3_SECRET_ACCESS_KEY: string | null;
};

/** The settings name no storage. The message says what to set and quotes no value. */
export class SettingsRefused extends Error {
  override readonly name = "SettingsRefused";
}

/** Opens the storage that the environment names. Sends no request yet. Throws SettingsRefused. */
export function recordingStorage(config: StorageConfig): ObjectStorage {
  const bucket = recordingBucket(config);
  return bucket === null ? localStorage(config.STORAGE_PATH) : s3Storage(bucket);
}

/** Returns the bucket of the s3 driver, or `null` for the local driver. Throws SettingsRefused. */
export function recordingBucket(config: StorageConfig): S3Bucket | null {
  if (config.STORAGE_DRIVER === "local") return null;
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket } = config;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
  if (endpoint === null || bucket === null || accessKeyId === null || secretAccessKey === null) {
    throw new SettingsRefused("STORAGE_DRIVER s3 needs S3_ENDPOINT, S3_BUCKET and the two access keys");
  }
  return { endpoint, region: config.S3_REGION, bucket, accessKeyId, secretAccessKey };
}
