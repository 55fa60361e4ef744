import { localTestStorage, s3TestStorage, sha256 } from "@call-ledger/storage/testing";
import { recordingOf, slowly } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import { describe, expect, test } from "vitest";
import { childWorker } from "./harness/child-worker.ts";
import type { QueuedCall } from "./harness/queued-calls.ts";
import { workerFor } from "./harness/running-worker.ts";
import { useSetting } from "./harness/use-setting.ts";

/** The number of kills for each of the two storages. RECORDING_KILLS=10 hits more points of a copy. */
const KILLS = Number(process.env.RECORDING_KILLS ?? 5);
const RECORDINGS_A_KILL = 2;
const BYTES = 6 * 1_048_576;
const SEED = Date.now() % 1_000_000;

/** Returns a generator of numbers in [0, 1) that a seed repeats (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe.each([
  { driver: "local", open: localTestStorage },
  { driver: "s3", open: s3TestStorage },
])("with $driver storage", ({ driver, open }) => {
  const setting = useSetting({ openStorage: open });

  test(`killed at ${KILLS} random points (seed ${SEED}), every recording ends in one whole object`, async () => {
    const random = randomFrom(SEED);
    const recording = recordingOf(BYTES);
    const calls: QueuedCall[] = [];
    const queueMore = async () => {
      for (let count = 0; count < RECORDINGS_A_KILL; count++) {
        const path = `/${calls.length}.wav`;
        setting.host.answer(path, slowly(recording, 8, 40 + 60 * random()));
        calls.push(await setting.calls.queue({ sourceUrl: setting.host.url(`${path}?s=1`) }));
      }
    };
    const struck = { fetching: 0, storedUnlinked: 0, idle: 0 };
    for (let kill = 0; kill < KILLS; kill++) {
      await queueMore();
      const asked = setting.host.requests.length;
      const child = childWorker(setting, { timing: { leaseSeconds: 1 } });
      await until(() => setting.host.requests.length > asked, `worker ${kill} fetches`, 30).catch(
        async (error) => {
          throw new Error(`${error}: ${child.errors()}`);
        },
      );
      await new Promise((resolve) => setTimeout(resolve, 600 * random()));
      await child.kill();
      const rows = await setting.calls.sql`select status, call_id from recording_upload_queue`;
      const fetching = rows.filter((row) => row.status === "fetching");
      const keys = Object.keys(setting.storage.objects());
      const unlinked = fetching.filter((row) => keys.some((key) => key.includes(String(row.call_id))));
      struck.storedUnlinked += unlinked.length;
      struck.fetching += fetching.length - unlinked.length;
      struck.idle += fetching.length === 0 ? 1 : 0;
    }
    process.stdout.write(`${driver}: uploads struck by ${KILLS} kills: ${JSON.stringify(struck)}\n`);
    expect(struck.fetching + struck.storedUnlinked).toBeGreaterThan(KILLS / 2);

    const last = workerFor(setting, { timing: { leaseSeconds: 5 } });
    for (const call of calls) {
      const row = await until(
        async () => {
          const found = await setting.calls.rowOf(call);
          return found.status === "stored" ? found : false;
        },
        "the recording is stored",
        40,
      );
      expect(row.sha256?.toString("hex")).toBe(sha256(recording));
      expect(await setting.calls.pathOf(call)).toBe(row.storage_path);
    }
    await last.stop(2_000);
    const wanted = calls.map(({ callId }) => [
      `org/${setting.calls.orgId}/call/${callId}/mono.wav`,
      sha256(recording),
    ]);
    expect(setting.storage.objects()).toEqual(Object.fromEntries(wanted));
  }, 120_000);
});
