import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { objectsIn, sha256 } from "@call-ledger/storage/testing";
import { recordingOf, whole } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import { describeWithPrivateMounts } from "@call-ledger/testkit/vitest";
import { expect, test } from "vitest";
import { childWorker } from "./harness/child-worker.ts";
import { useSetting } from "./harness/use-setting.ts";

const MEGABYTE = 1_048_576;

describeWithPrivateMounts("on a disk of three megabytes", (within) => {
  const setting = useSetting();

  test("a recording without room on the disk fails in words and leaves nothing; with room it is stored once", async () => {
    const { calls, host, storage } = setting;
    const recording = recordingOf(2 * MEGABYTE);
    host.answer("/tight.wav", whole(recording));
    const call = await calls.queue({ sourceUrl: host.url("/tight.wav?s=1") });
    const { folder } = storage;
    const limit = `mount -t tmpfs -o size=3m none ${folder} && head -c 1600000 /dev/zero > ${folder}/filler`;
    const child = childWorker(setting, { within, limit });
    // Only the worker sees the mounted disk. The test sees it through the worker's /proc entry.
    const seen = join(`/proc/${child.process.pid}/root`, folder);
    const settled = (status: string) =>
      until(
        async () => {
          const row = await calls.rowOf(call);
          return row.status === status && row.attempts > 0 ? row : false;
        },
        `the recording is ${status}`,
        60,
      ).catch((error) => {
        throw new Error(`${error}: ${child.errors()}`);
      });
    try {
      expect((await settled("pending")).last_error).toBe(
        "The recording could not be stored: the storage is full.",
      );
      expect(readdirSync(seen).toSorted()).toEqual([".incoming", "filler"]);
      expect(readdirSync(join(seen, ".incoming"))).toEqual([]);

      rmSync(join(seen, "filler"));
      await calls.hurry();
      const row = await settled("stored");
      expect(objectsIn(seen, (name) => name)).toEqual({ [row.storage_path ?? ""]: sha256(recording) });
      expect(await calls.pathOf(call)).toBe(row.storage_path);
    } finally {
      await child.kill();
    }
  }, 150_000);
});
