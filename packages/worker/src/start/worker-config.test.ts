import { recordingStorage } from "@call-ledger/storage";
import { expect, test } from "vitest";
import type { WorkerConfig } from "./worker-config.ts";
import { workerProblems } from "./worker-config.ts";

const config: WorkerConfig = {
  NODE_ENV: "production",
  DIRECT_DATABASE_URL: null,
  PUBLIC_URL: null,
  ALERT_HOSTS: [],
  VAPI_API_KEY: null,
  ENCRYPTION_KEY: null,
  VAPI_API_URL: "https://api.vapi.ai",
  STORAGE_DRIVER: "s3",
  STORAGE_PATH: "recordings",
  S3_ENDPOINT: "https://s3.example.test",
  S3_REGION: "auto",
  S3_BUCKET: "recordings",
  S3_ACCESS_KEY_ID: "id",
  S3_SECRET_ACCESS_KEY: "key",
  RECORDING_HOSTS: [],
  RECORDING_MIN_KB_PER_SECOND: 16,
  PAYLOAD_RETENTION_DAYS: 30,
  EVENT_RETENTION_DAYS: 400,
  DATABASE_LIMIT_MB: 500,
  OVERDUE_CONNECTION_MINUTES: 10,
  OVERDUE_END_MINUTES: 35,
  OVERDUE_REPORT_MINUTES: 15,
  RECORDING_CHANNELS: ["mono"],
  RECONCILE_MINUTES: 5,
};

test("a bucket is accepted in production", () => {
  expect(workerProblems(config)).toEqual([]);
});

test("a folder is refused in production unless STORAGE_LOCAL_DURABLE is true", () => {
  const local = { ...config, STORAGE_DRIVER: "local" as const };
  expect(workerProblems(local)).toEqual([
    { variable: "STORAGE_DRIVER", problem: expect.stringContaining("STORAGE_LOCAL_DURABLE") },
  ]);
  expect(workerProblems({ ...local, STORAGE_LOCAL_DURABLE: false })).toHaveLength(1);
  expect(workerProblems({ ...local, STORAGE_LOCAL_DURABLE: true })).toEqual([]);
  expect(workerProblems({ ...local, NODE_ENV: "development" })).toEqual([]);
});

test("a bucket without its keys is refused", () => {
  expect(() => recordingStorage({ ...config, S3_BUCKET: null })).toThrow(/S3_ENDPOINT/);
});
