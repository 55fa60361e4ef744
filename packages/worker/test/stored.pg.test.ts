import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { speechWav } from "@call-ledger/simulator/recording";
import { s3Storage } from "@call-ledger/storage";
import { sha256 } from "@call-ledger/storage/testing";
import { halfOf, recordingOf, slowly, status, whole } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import { expect, test } from "vitest";
import { describeEachStorage } from "./harness/each-storage.ts";
import { workerFor } from "./harness/running-worker.ts";

const MEGABYTE = 1_048_576;

describeEachStorage(({ driver, setting, queueAt, settled, objectsOf, expectOneObject }) => {
  test.each([
    ["a small recording", 30_000],
    ["a recording of several parts", 12 * MEGABYTE + 17],
    ["a recording that fills its parts exactly", 10 * MEGABYTE],
  ])("%s is stored, verified and linked to its call", async (_what, size) => {
    const recording = recordingOf(size);
    setting.host.answer(`/stored-${size}.wav`, whole(recording));
    const call = await queueAt(`/stored-${size}.wav`);
    const worker = workerFor(setting);
    const row = await settled(call, ["stored"]);
    await worker.stop(2_000);
    expect(row).toMatchObject({ attempts: 1, size_bytes: String(size), last_error: null });
    expect(row.sha256?.toString("hex")).toBe(sha256(recording));
    expect(await setting.calls.pathOf(call)).toBe(row.storage_path);
    expectOneObject(call, recording);
    expect(worker.storageReachable()).toBe(true);
  });

  test("its waveform is stored beside it", async () => {
    const recording = speechWav([{ speaker: "caller", from: 0, to: 3 }], "mono");
    setting.host.answer("/spoken.wav", whole(recording));
    const call = await queueAt("/spoken.wav");
    const worker = workerFor(setting);
    const row = await settled(call, ["stored"]);
    await worker.stop(2_000);
    const path = `org/${setting.calls.orgId}/call/${call.callId}/mono.peaks.json`;
    expect(row).toMatchObject({ peaks_path: path, peaks_error: null });
    expect(Object.fromEntries(objectsOf(call))).toEqual({
      [row.storage_path ?? ""]: sha256(recording),
      [path]: expect.any(String),
    });
  });

  test("two workers with the same recordings store each once", async () => {
    const recording = recordingOf(200_000);
    const paths = Array.from({ length: 24 }, (_, index) => `/race-${index}.wav`);
    for (const path of paths) setting.host.answer(path, slowly(recording, 4, 5));
    const racing = await Promise.all(paths.map(queueAt));
    const workers = [workerFor(setting), workerFor(setting)];
    for (const call of racing) await settled(call, ["stored"]);
    await Promise.all(workers.map((worker) => worker.stop(2_000)));
    for (const call of racing) expectOneObject(call, recording);
    const fetched = setting.host.requests.filter(({ path }) => path.startsWith("/race-"));
    expect(fetched).toHaveLength(24);
  });

  test("a source that breaks off half-way leaves nothing, and the next attempt stores the recording", async () => {
    const recording = recordingOf(6 * MEGABYTE);
    setting.host.answer("/half.wav", halfOf(recording));
    const call = await queueAt("/half.wav");
    const worker = workerFor(setting);
    const row = await settled(call, ["pending"]);
    expect(row.last_error).toBe("The presigned URL broke off half-way.");
    expect(objectsOf(call)).toEqual([]);
    setting.host.answer("/half.wav", whole(recording));
    await setting.calls.hurry();
    expect(await settled(call, ["stored"])).toMatchObject({ attempts: 2, last_error: null });
    await worker.stop(2_000);
    expectOneObject(call, recording);
  });

  test("an equal object that a killed attempt left is used", async () => {
    const recording = recordingOf(50_000);
    setting.host.answer("/again.wav", whole(recording));
    const call = await queueAt("/again.wav");
    const first = workerFor(setting);
    await settled(call, ["stored"]);
    await setting.calls
      .sql`update recording_upload_queue set status = 'pending', storage_path = null, next_attempt_at = now(),
        source_url = ${setting.host.url("/again.wav")}
      where call_id = ${call.callId}`;
    expect(await settled(call, ["stored"], 2)).toMatchObject({ attempts: 2 });
    await first.stop(2_000);
    expectOneObject(call, recording);
  });

  test("if the presigned URL has expired, the provider's API is asked with the key, which is sent to no other host", async () => {
    const recording = recordingOf(40_000);
    const call = await setting.calls.queue({
      sourceUrl: setting.host.url("/expired.wav"),
      expiresAt: Date.now() - 1_000,
      recordingUrl: setting.host.url("/plain.wav"),
    });
    const api = `/v1/call/${call.providerCallId}/mono-recording`;
    setting.host.answer(api, status(302, { location: `/signed/${call.callId}.wav` }));
    setting.host.answer(`/signed/${call.callId}.wav`, whole(recording));
    const worker = workerFor(setting, {
      config: { VAPI_API_KEY: "private-key", VAPI_API_URL: setting.host.url("/v1") },
    });
    await settled(call, ["stored"]);
    await worker.stop(2_000);
    expectOneObject(call, recording);
    expect(setting.host.requests.slice(-2)).toEqual([
      { path: api, authorization: "Bearer private-key" },
      { path: `/signed/${call.callId}.wav`, authorization: undefined },
    ]);
    expect(setting.host.requests.some(({ path }) => path === "/expired.wav")).toBe(false);
  });

  test("another object under the key is replaced, not mixed with the recording", async () => {
    const recording = recordingOf(70_000);
    setting.host.answer("/in-the-way.wav", whole(recording));
    const call = await queueAt("/in-the-way.wav");
    const key = `org/${setting.calls.orgId}/call/${call.callId}/mono.wav`;
    if (driver === "local") {
      mkdirSync(dirname(join(setting.storage.folder, key)), { recursive: true });
      writeFileSync(join(setting.storage.folder, key), "half a recording");
    } else {
      const { S3_ENDPOINT, S3_BUCKET } = setting.storage.config;
      const bucket = { endpoint: S3_ENDPOINT ?? "", bucket: S3_BUCKET ?? "", region: "us-east-1" };
      const incoming = await s3Storage({ ...bucket, accessKeyId: "S3RVER", secretAccessKey: "S3RVER" }).begin(
        key,
        "audio/wav",
      );
      await incoming.write(Buffer.from("half a recording"));
      expect(await incoming.publish()).toBe("published");
    }
    const worker = workerFor(setting);
    expect((await settled(call, ["pending"])).last_error).toMatch(/in the way/);
    await setting.calls.hurry();
    await settled(call, ["stored"]);
    await worker.stop(2_000);
    expectOneObject(call, recording);
  });

  test("a stopping worker gives its leases back, and the attempt does not count", async () => {
    const recording = recordingOf(1 * MEGABYTE);
    setting.host.answer("/slow.wav", slowly(recording, 100, 100));
    const call = await queueAt("/slow.wav");
    const worker = workerFor(setting);
    await until(() => setting.host.requests.some(({ path }) => path === "/slow.wav"), "the source is asked");
    const began = Date.now();
    await worker.stop(2_000);
    expect(Date.now() - began).toBeLessThan(4_000);
    expect(await setting.calls.rowOf(call)).toMatchObject({
      status: "pending",
      attempts: 0,
      last_error: null,
    });
    expect(objectsOf(call)).toEqual([]);

    setting.host.answer("/slow.wav", whole(recording));
    const next = workerFor(setting);
    expect(await settled(call, ["stored"])).toMatchObject({ attempts: 1 });
    await next.stop(2_000);
    expectOneObject(call, recording);
  });

  test("a worker whose lease was taken over stops and books nothing", async () => {
    setting.host.answer("/taken.wav", slowly(recordingOf(1 * MEGABYTE), 200, 50));
    const call = await queueAt("/taken.wav");
    const worker = workerFor(setting, { timing: { leaseSeconds: 1 } });
    await until(() => setting.host.requests.some(({ path }) => path === "/taken.wav"), "the source is asked");
    await setting.calls.sql`update recording_upload_queue set lease_token = gen_random_uuid(),
      next_attempt_at = now() + interval '1 hour' where call_id = ${call.callId}`;
    await until(async () => {
      const [heartbeat] = await setting.calls
        .sql`select (result->>'lost')::int as lost, (result->>'running')::int as running
        from background_heartbeats order by last_run_at desc limit 1`;
      return heartbeat?.lost === 1 && heartbeat.running === 0;
    }, "the worker has let go");
    await worker.stop(2_000);
    expect(await setting.calls.rowOf(call)).toMatchObject({
      status: "fetching",
      attempts: 1,
      last_error: null,
    });
    expect(objectsOf(call)).toEqual([]);
    await setting.calls.sql`delete from recording_upload_queue where call_id = ${call.callId}`;
  });
});
