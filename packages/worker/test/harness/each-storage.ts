import { localTestStorage, s3TestStorage, sha256 } from "@call-ledger/storage/testing";
import { until } from "@call-ledger/testkit/process";
import { describe, expect } from "vitest";
import type { QueuedCall, QueueRow } from "./queued-calls.ts";
import type { WorkerSetting } from "./running-worker.ts";
import { useSetting } from "./use-setting.ts";

/** The functions of tests of recordings, for one storage driver. */
export type StorageTurn = {
  readonly driver: string;
  readonly setting: WorkerSetting;
  /** Queues a recording that is served at `path`. */
  queueAt(path: string): Promise<QueuedCall>;
  /** Returns the queue's row when it has one of the wanted states and this number of attempts. */
  settled(call: QueuedCall, wanted: readonly string[], attempts?: number): Promise<QueueRow>;
  /** Returns keys and hashes of the call's objects. */
  objectsOf(call: QueuedCall): [string, string][];
  /** Expects that the call has this recording once, and nothing else. */
  expectOneObject(call: QueuedCall, recording: Uint8Array): void;
};

const STORAGES = [
  { driver: "local", open: localTestStorage },
  { driver: "s3", open: s3TestStorage },
];

/** Registers the tests once for each storage driver, each with its own database, provider's host and storage. */
export function describeEachStorage(body: (turn: StorageTurn) => void): void {
  describe.each(STORAGES)("with $driver storage", ({ driver, open }) => {
    const setting = useSetting({ names: ["localhost", "rebinding.test"], openStorage: open });

    const objectsOf = ({ callId }: QueuedCall) =>
      Object.entries(setting.storage.objects()).filter(([key]) => key.includes(callId));
    body({
      driver,
      setting,
      queueAt: (path) => setting.calls.queue({ sourceUrl: setting.host.url(`${path}?sig=secret`) }),
      settled: (call, wanted, attempts = 1) =>
        until(
          async () => {
            const row = await setting.calls.rowOf(call);
            return wanted.includes(row.status) && row.attempts >= attempts ? row : false;
          },
          `the recording is ${wanted.join(" or ")}`,
        ),
      objectsOf,
      expectOneObject(call, recording) {
        expect(objectsOf(call)).toEqual([
          [`org/${setting.calls.orgId}/call/${call.callId}/mono.wav`, sha256(recording)],
        ]);
      },
    });
  });
}
