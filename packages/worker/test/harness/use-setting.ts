import type { TestStorage } from "@call-ledger/storage/testing";
import { localTestStorage } from "@call-ledger/storage/testing";
import { selfSigned, sourceHost } from "@call-ledger/testkit/http";
import { afterAll, beforeAll } from "vitest";
import { queuedCalls } from "./queued-calls.ts";
import type { WorkerSetting } from "./running-worker.ts";

/**
 * Gives tests what a worker needs: a database, a storage, and a host of recordings with a certificate for `names`. All
 * of it is there once a test or a later hook runs.
 */
export function useSetting({
  names = ["localhost"],
  openStorage = localTestStorage,
}: {
  readonly names?: readonly string[];
  readonly openStorage?: () => Promise<TestStorage>;
} = {}): WorkerSetting {
  const setting = {} as WorkerSetting;

  beforeAll(async () => {
    const certificate = selfSigned(...names);
    const [host, storage, calls] = await Promise.all([sourceHost(certificate), openStorage(), queuedCalls()]);
    Object.assign(setting, { certificate, host, storage, calls });
  });

  afterAll(async () => {
    await setting.calls.drop();
    await setting.host.stop();
    await setting.storage.stop();
  });

  return setting;
}
