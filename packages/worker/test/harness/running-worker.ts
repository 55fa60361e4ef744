import type { TestStorage } from "@call-ledger/storage/testing";
import type { Certificate, SourceHost } from "@call-ledger/testkit/http";
import type { AlertTiming } from "../../src/alerts/index.ts";
import type { Network } from "../../src/egress/network.ts";
import type { Worker, WorkerConfig, WorkerTiming } from "../../src/start/index.ts";
import { startWorker } from "../../src/start/index.ts";
import type { QueuedCalls } from "./queued-calls.ts";

export type WorkerSetting = {
  readonly calls: QueuedCalls;
  readonly storage: TestStorage;
  readonly host: SourceHost;
  readonly certificate: Certificate;
};

export function configFor(
  {
    storage,
    host,
  }: { readonly storage: Pick<TestStorage, "config">; readonly host: Pick<SourceHost, "testHost"> },
  overrides: Partial<WorkerConfig> = {},
): WorkerConfig {
  return {
    NODE_ENV: "test",
    DIRECT_DATABASE_URL: null,
    PUBLIC_URL: null,
    ALERT_HOSTS: [],
    VAPI_API_KEY: null,
    VAPI_API_URL: "https://api.vapi.ai",
    ENCRYPTION_KEY: null,
    RECORDING_HOSTS: ["localhost", "rebinding.test"],
    RECORDING_TEST_HOSTS: [host.testHost],
    RECORDING_CHANNELS: ["mono"],
    RECONCILE_MINUTES: 0,
    RECORDING_MIN_KB_PER_SECOND: 16,
    PAYLOAD_RETENTION_DAYS: 30,
    EVENT_RETENTION_DAYS: 400,
    DATABASE_LIMIT_MB: 500,
    OVERDUE_CONNECTION_MINUTES: 10,
    OVERDUE_END_MINUTES: 35,
    OVERDUE_REPORT_MINUTES: 15,
    ...storage.config,
    ...overrides,
  };
}

/** Starts a worker in this process that looks often, so that tests are fast. */
export function workerFor(
  setting: WorkerSetting,
  {
    config = {},
    timing = {},
    network,
    ca = setting.certificate.cert,
  }: {
    readonly config?: Partial<WorkerConfig>;
    readonly timing?: Partial<WorkerTiming & AlertTiming>;
    readonly network?: Network;
    readonly ca?: string;
  } = {},
): Worker & { readonly lines: string[] } {
  const lines: string[] = [];
  const note = (fields: object, message: string) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const worker = startWorker({
    config: configFor(setting, config),
    databaseUrl: setting.calls.database.appUrl,
    log: { info: note, warn: note },
    timing: { pollMs: 50, heartbeatMs: 100, ...timing },
    ca,
    ...(network === undefined ? {} : { network }),
  });
  return { ...worker, lines };
}
