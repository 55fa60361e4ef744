import { randomUUID } from "node:crypto";
import type { Pool } from "@call-ledger/db/client";
import { openPool } from "@call-ledger/db/client";
import { workerSession } from "@call-ledger/db/jobs";
import type { ObjectStorage } from "@call-ledger/storage";
import { recordingStorage } from "@call-ledger/storage";
import { recordingOf, whole } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HousekeepingPorts } from "../src/housekeeping/housekeeping-job.ts";
import { runNextJob } from "../src/housekeeping/index.ts";
import { orphanObjects } from "../src/housekeeping/orphan-objects.job.ts";
import { describeEachStorage } from "./harness/each-storage.ts";
import type { QueuedCall } from "./harness/queued-calls.ts";
import { configFor, workerFor } from "./harness/running-worker.ts";

const DAY_MS = 86_400_000;
const NEVER = new AbortController().signal;

describeEachStorage(({ driver, setting, queueAt, settled, objectsOf, expectOneObject }) => {
  let pool: Pool;
  let storage: ObjectStorage;

  beforeAll(() => {
    pool = openPool(setting.calls.database.appUrl, { max: 2, name: "orphans test" });
    storage = recordingStorage(configFor(setting));
  });

  afterAll(() => pool.close(1_000));

  /** Runs the job as if this number of days had passed. */
  async function tidyUp(days: number, over: ObjectStorage = storage) {
    const ports: HousekeepingPorts = {
      session: workerSession(pool, 5_000),
      storage: over,
      limits: {
        payloadRetentionDays: 30,
        eventRetentionDays: 400,
        databaseLimitMb: 500,
        overdue: { beforeConnectionSeconds: 600, inProgressSeconds: 2_100, reportSeconds: 900 },
      },
      now: () => Date.now() + days * DAY_MS,
    };
    const run = await runNextJob([orphanObjects], ports, { byHand: true, stop: NEVER });
    if (run?.ended !== "done") throw new Error(`the run ended as ${JSON.stringify(run)}`);
    return run;
  }

  async function put(key: string, bytes: Uint8Array = Buffer.from("left behind")): Promise<string> {
    const incoming = await storage.begin(key, "audio/wav");
    await incoming.write(bytes);
    expect(await incoming.publish()).toBe("published");
    await incoming.discard();
    return key;
  }

  const keyOf = (callId: string, orgId = setting.calls.orgId) => `org/${orgId}/call/${callId}/mono.wav`;
  const become = (call: QueuedCall, status: string, path: string | null = null) =>
    setting.calls.sql`update recording_upload_queue set status = ${status}, storage_path = ${path},
      next_attempt_at = now() + interval '1 day' where call_id = ${call.callId}`;
  const keys = () => Object.keys(setting.storage.objects()).toSorted();

  /** Creates a given-up upload whose attempt has left its object: complete, but without a link. */
  async function leftBehind(recording: Buffer): Promise<QueuedCall> {
    const path = `/${randomUUID()}.wav`;
    setting.host.answer(path, whole(recording));
    const call = await queueAt(path);
    await become(call, "failed");
    await put(keyOf(call.callId), recording);
    return call;
  }

  const retry = ({ callId }: QueuedCall) =>
    setting.calls
      .sql`update recording_upload_queue set status = 'pending', attempts = 0, next_attempt_at = now()
      where call_id = ${callId}`;

  test("an old object without a link is removed; one that is linked, awaited or not ours stays", async () => {
    const { calls } = setting;
    const made = async (status: string) => {
      const call = await queueAt("/none.wav");
      await become(call, status);
      return put(keyOf(call.callId));
    };
    const stored = await queueAt("/none.wav");
    await become(stored, "stored", await put(keyOf(stored.callId)));
    const linked = keyOf(stored.callId);
    const peaks = await put(linked.replace("wav", "peaks.json"));
    await calls.sql`update recording_upload_queue set peaks_path = ${peaks} where call_id = ${stored.callId}`;
    const beside = await put(linked.replace("mono.wav", "mono.mp3"));
    const awaited = [await made("pending"), await made("fetching")];
    const left = [await made("failed"), await made("expired")];
    const leftPeaks = await put(left[0]?.replace("wav", "peaks.json") ?? "");
    const unknown = await put(keyOf(randomUUID()));
    const unknownPeaks = await put(unknown.replace("wav", "peaks.json"));
    const foreign = [await put(keyOf(randomUUID(), randomUUID())), await put("org/notes.txt")];
    const elsewhere = await put("backups/one.dump");

    const known = [linked, peaks, beside, ...awaited, ...left, leftPeaks];
    const all = [...known, unknown, unknownPeaks, ...foreign, elsewhere];
    const young = await tidyUp(0.9);
    expect(young.result).toMatchObject({
      linked: 2,
      awaited: 2,
      left: 4,
      unknown: 2,
      foreign: 2,
      removed: 0,
    });
    expect(keys()).toEqual(all.toSorted());

    expect((await tidyUp(1.1)).result).toMatchObject({ removed: 4, removed_bytes: 44, left: 0, unknown: 2 });
    const waiting = [unknown, unknownPeaks];
    expect(keys()).toEqual([linked, peaks, ...awaited, ...waiting, ...foreign, elsewhere].toSorted());

    expect((await tidyUp(7.1)).result).toMatchObject({
      removed: 2,
      unknown: 0,
      linked: 2,
      awaited: 2,
      foreign: 2,
    });
    const staying = [linked, peaks, ...awaited, ...foreign, elsewhere];
    expect(keys()).toEqual(staying.toSorted());
    const [held] = await calls.sql`select count(object_held_until)::int as n from recording_upload_queue`;
    expect(held?.n).toBe(0);
    for (const key of staying) await storage.remove(key);
    await calls.sql`delete from recording_upload_queue`;
  });

  test("an object that is linked between the listing and its turn stays", async () => {
    const recording = recordingOf(30_000);
    const calls = [await leftBehind(recording), await leftBehind(recording)];
    let spared: QueuedCall | undefined;
    const run = await tidyUp(2, {
      ...storage,
      async remove(key) {
        // The upload of the other call is tried again, finds its object and links it.
        spared ??= calls.find(({ callId }) => !key.includes(callId));
        if (spared !== undefined && !key.includes(spared.callId)) {
          await retry(spared);
          const worker = workerFor(setting);
          await settled(spared, ["stored"]);
          await worker.stop(2_000);
        }
        await storage.remove(key);
      },
    });
    expect(run.result).toMatchObject({ removed: 1 });
    if (spared === undefined) throw new Error("nothing was removed");
    expectOneObject(spared, recording);
    expect(await setting.calls.pathOf(spared)).toBe(keyOf(spared.callId));
    for (const call of calls) if (call !== spared) expect(objectsOf(call)).toEqual([]);
  });

  test("an upload that is tried again during the removal ends in one linked object", async () => {
    const recording = recordingOf(30_000);
    const call = await leftBehind(recording);
    const worker = workerFor(setting, { timing: { leaseSeconds: 1 } });
    await tidyUp(2, {
      ...storage,
      async remove(key) {
        await retry(call);
        // The attempt finds the object, reads it back, and is not allowed to link it.
        await until(
          async () => (await lostAttempts()) > 0,
          "the attempt has found that it may not link the object",
          30,
        );
        expect(await setting.calls.pathOf(call)).toBeNull();
        await storage.remove(key);
      },
    });
    expect(await settled(call, ["stored"], 2)).toMatchObject({ last_error: null });
    await worker.stop(2_000);
    expectOneObject(call, recording);
    expect(await setting.calls.pathOf(call)).toBe(keyOf(call.callId));
  });

  const lostAttempts = async () => {
    const [heartbeat] = await setting.calls.sql`select coalesce(max((result->>'lost')::int), 0) as lost
      from background_heartbeats`;
    return Number(heartbeat?.lost);
  };

  test("an object whose removal failed stays held, so that nothing is linked to an object that may still be removed", async () => {
    const call = await leftBehind(recordingOf(1_000));
    const failing: ObjectStorage = {
      ...storage,
      remove: () => Promise.reject(new Error("no answer")),
    };
    await expect(tidyUp(2, failing)).rejects.toThrow(/"ended":"failed"/);
    const [row] = await setting.calls.sql`select object_held_until > now() + interval '4 minutes' as held
      from recording_upload_queue where call_id = ${call.callId}`;
    expect(row?.held).toBe(true);
    expect(objectsOf(call)).toHaveLength(1);
    await storage.remove(keyOf(call.callId));
  });

  if (driver === "local") return;

  describe("with a service that does not list", () => {
    test("the job reports it and does not fail", async () => {
      const refused = recordingStorage({ ...configFor(setting), S3_SECRET_ACCESS_KEY: "wrong" });
      const run = await tidyUp(2, refused);
      expect(run.alert).toMatch(/does not offer ListObjectsV2: the storage answered HTTP 403/);
      expect(run.result).toMatchObject({ removed: 0, not_offered: expect.stringContaining("HTTP 403") });
    });

    test("objects are found although unfinished uploads are not", async () => {
      const call = await leftBehind(recordingOf(1_000));
      const run = await tidyUp(2);
      expect(run.alert).toBeNull();
      expect(run.result).toMatchObject({ removed: 1, not_offered: expect.stringContaining("HTTP 501") });
      expect(objectsOf(call)).toEqual([]);
    });
  });
});
