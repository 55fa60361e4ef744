import type { TestStorage } from "@call-ledger/storage/testing";
import { s3TestStorage } from "@call-ledger/storage/testing";
import type { Answer } from "@call-ledger/testkit/http";
import { recordingOf, whole } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { childWorker } from "./harness/child-worker.ts";
import { workerFor } from "./harness/running-worker.ts";
import { useSetting } from "./harness/use-setting.ts";

const MEGABYTE = 1_048_576;
let s3: TestStorage;

const setting = useSetting();

beforeAll(async () => {
  s3 = await s3TestStorage();
});

afterAll(async () => {
  await s3.stop();
});

/** Sends hundreds of megabytes without keeping them: the same megabyte of noise, repeated. */
function endless(megabytes: number): Answer {
  const piece = recordingOf(MEGABYTE);
  return (_, response) => {
    response.writeHead(200, { "content-length": megabytes * MEGABYTE });
    let sent = 0;
    const more = () => {
      while (sent < megabytes && !response.destroyed) {
        sent += 1;
        if (!response.write(piece)) return void response.once("drain", more);
      }
      response.end();
    };
    more();
  };
}

// The S3 server of the tests joins parts in quadratic time: half a minute for 500 MB. A worker that kept everything in
// memory would grow by 80 MB with 110 MB. RECORDING_MB=500 tests 500 MB.
const LARGE_MB = Number(process.env.RECORDING_MB ?? 110);

test.each([
  ["local", LARGE_MB],
  ["s3", LARGE_MB],
] as const)(
  "memory grows by less than 64 MB while a recording passes through to %s storage (%i MB)",
  async (driver, megabytes) => {
    const storage = driver === "s3" ? s3 : setting.storage;
    // After this recording the process has the memory that any recording needs.
    setting.host.answer("/first.wav", endless(30));
    setting.host.answer("/large.wav", endless(megabytes));
    const stored = async (path: string) => {
      const call = await setting.calls.queue({ sourceUrl: setting.host.url(`${path}?s=1`) });
      await until(
        async () => (await setting.calls.rowOf(call)).status === "stored",
        `${path} is stored`,
        240,
      );
    };
    const child = childWorker({ ...setting, storage });
    await stored("/first.wav");
    const before = Math.max(...child.memory);
    await stored("/large.wav");
    const after = Math.max(...child.memory);
    await child.kill();
    process.stdout.write(
      `${driver}: ${Math.round(before / MEGABYTE)} MB before, ${Math.round(after / MEGABYTE)} MB at most\n`,
    );
    expect(after - before).toBeLessThan(64 * MEGABYTE);
  },
  300_000,
);

test("a full disk is reported as such, leaves no object and is tried again", async () => {
  const recording = recordingOf(2 * MEGABYTE);
  setting.host.answer("/full.wav", whole(recording));
  const call = await setting.calls.queue({ sourceUrl: setting.host.url("/full.wav?s=1") });
  // No file may grow beyond 512 kB in this process. So its writes fail half-way, as on a full disk.
  const child = childWorker(setting, { limit: "ulimit -f 1024" });
  const row = await until(
    async () => {
      const found = await setting.calls.rowOf(call);
      return found.status === "pending" && found.attempts > 0 ? found : false;
    },
    "the attempt has failed",
    60,
  ).catch((error) => {
    throw new Error(`${error}: ${child.errors()}`);
  });
  await child.kill();
  expect(row.last_error).toBe("The recording could not be stored: the storage is full.");
  expect(Object.keys(setting.storage.objects()).filter((key) => key.includes(call.callId))).toEqual([]);

  await setting.calls.hurry();
  const worker = workerFor(setting);
  await until(async () => (await setting.calls.rowOf(call)).status === "stored", "it is stored");
  await worker.stop(1_000);
}, 120_000);
