import { sha256 } from "@call-ledger/storage/testing";
import { recordingOf, status, whole } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import { expect, test } from "vitest";
import { systemNetwork } from "../src/egress/network.ts";
import type { WorkerConfig } from "../src/start/index.ts";
import type { QueuedCall } from "./harness/queued-calls.ts";
import { workerFor } from "./harness/running-worker.ts";
import { useSetting } from "./harness/use-setting.ts";

/*
 * Vapi's bucket since July 2026 and its API, with the settings of a new installation. One host serves all of them,
 * because the network of this test routes every public name to it.
 */

const BUCKET = "0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com";
const OWN_BUCKET = "recordings.customer.test";
const PRESIGNED = `https://hipaa-recordings.${BUCKET}`;

const setting = useSetting({ names: [BUCKET, `hipaa-recordings.${BUCKET}`, "api.vapi.ai", OWN_BUCKET] });

const worker = (config: Partial<WorkerConfig> = {}) =>
  workerFor(setting, {
    config: { RECORDING_HOSTS: [], RECORDING_TEST_HOSTS: [], ...config },
    network: {
      resolve: async () => ["104.18.8.90"],
      connect: () => systemNetwork.connect("127.0.0.1", setting.host.port),
    },
  });

/**
 * Creates a call whose report names the recording as today's reports do. The link without a signature is answered as R2
 * does.
 */
async function reportedCall(name: string, lifeMs: number): Promise<QueuedCall> {
  const plain = `/hipaa-recordings/${name}-mono.wav`;
  setting.host.answer(plain, status(400, { "content-type": "application/xml" }));
  return setting.calls.queue({
    recordingUrl: `https://${BUCKET}${plain}`,
    sourceUrl: `${PRESIGNED}/${name}-mono.wav?X-Amz-Signature=00`,
    expiresAt: Date.now() + lifeMs,
  });
}

/** Returns the row when it is in the wanted state. */
const settled = (call: QueuedCall, wanted: string) =>
  until(async () => {
    const row = await setting.calls.rowOf(call);
    return row.status === wanted && row.last_error === (wanted === "stored" ? null : row.last_error) && row;
  }, `the recording is ${wanted}`);

const apiPath = ({ providerCallId }: QueuedCall) => `/call/${providerCallId}/mono-recording`;

test("a fresh presigned URL is fetched, without a setting", async () => {
  const recording = recordingOf(50_000);
  const call = await reportedCall("fresh", 1_800_000);
  setting.host.answer("/fresh-mono.wav", whole(recording));
  const running = worker();
  const row = await settled(call, "stored");
  await running.stop(2_000);
  expect(row.sha256?.toString("hex")).toBe(sha256(recording));
});

test("if the URL has expired, the API is asked, which redirects to a fresh one", async () => {
  const recording = recordingOf(60_000);
  const call = await reportedCall("late", -60_000);
  setting.host.answer(apiPath(call), status(302, { location: `${PRESIGNED}/signed-anew.wav?sig=1` }));
  setting.host.answer("/signed-anew.wav", whole(recording));
  const running = worker({ VAPI_API_KEY: "private" });
  const row = await settled(call, "stored");
  await running.stop(2_000);
  expect(row.sha256?.toString("hex")).toBe(sha256(recording));
  expect(setting.host.requests.slice(-2)).toEqual([
    { path: apiPath(call), authorization: "Bearer private" },
    { path: "/signed-anew.wav", authorization: undefined },
  ]);
});

test("if the URL is refused, the API is asked in the same attempt", async () => {
  const recording = recordingOf(30_000);
  const call = await reportedCall("refused", 1_800_000);
  setting.host.answer("/refused-mono.wav", status(403));
  setting.host.answer(apiPath(call), status(302, { location: `https://${OWN_BUCKET}/own.wav` }));
  setting.host.answer("/own.wav", whole(recording));
  const running = worker({ VAPI_API_KEY: "private" });
  expect((await settled(call, "stored")).attempts).toBe(1);
  await running.stop(2_000);
});

test("if the URL has expired and there is no API key, the recording is expired, and the reason has the remedy", async () => {
  const call = await reportedCall("lost", -60_000);
  const running = worker();
  const row = await settled(call, "expired");
  await running.stop(2_000);
  expect(row.attempts).toBe(1);
  expect(row.last_error).toBe(
    "The plain URL answered HTTP 400: the link has expired or is not public. " +
      "The provider's API was not asked, because no API key is set. To change that: set VAPI_API_KEY",
  );
});

test("a recording without a URL is requested from the API, and without a key the reason says so", async () => {
  const recording = recordingOf(20_000);
  const named = await setting.calls.queue({});
  setting.host.answer(apiPath(named), status(302, { location: `${PRESIGNED}/unnamed.wav?sig=1` }));
  setting.host.answer("/unnamed.wav", whole(recording));
  const withKey = worker({ VAPI_API_KEY: "private" });
  expect((await settled(named, "stored")).sha256?.toString("hex")).toBe(sha256(recording));
  await withKey.stop(2_000);

  const unnamed = await setting.calls.queue({});
  const withoutKey = worker();
  expect((await settled(unnamed, "failed")).last_error).toMatch(/names no URL.*set VAPI_API_KEY/);
  await withoutKey.stop(2_000);
});

test("a call beyond the retention of the plan is expired immediately", async () => {
  const call = await reportedCall("old", -60_000);
  setting.host.answer(apiPath(call), status(400, { "content-type": "application/json" }));
  const running = worker({ VAPI_API_KEY: "private" });
  expect(await settled(call, "expired")).toMatchObject({
    attempts: 1,
    last_error: "The provider's API answered HTTP 400: it does not keep the recording any more.",
  });
  await running.stop(2_000);
});

test("a link of the API that has expired is expired at once, and the plain URL is asked where there is one", async () => {
  const recording = recordingOf(30_000);
  setting.host.answer("/outdated.wav", status(403));
  const queued = async (recordingUrl?: string) => {
    const call = await setting.calls.queue(recordingUrl === undefined ? {} : { recordingUrl });
    setting.host.answer(apiPath(call), status(302, { location: `https://${OWN_BUCKET}/outdated.wav` }));
    return call;
  };
  setting.host.answer("/public.wav", whole(recording));
  const [lost, public_] = [await queued(), await queued(`${PRESIGNED}/public.wav`)];
  const running = worker({ VAPI_API_KEY: "private" });
  expect(await settled(lost, "expired")).toMatchObject({
    attempts: 1,
    last_error:
      "The provider's API redirected to a link that answered HTTP 403: the link has expired or is not public.",
  });
  expect((await settled(public_, "stored")).attempts).toBe(1);
  await running.stop(2_000);
});

test("the API's redirect to an address, to another port or without TLS is refused too", async () => {
  const running = worker({ VAPI_API_KEY: "private" });
  for (const location of [`http://${OWN_BUCKET}/`, `https://${OWN_BUCKET}:8443/`, "https://127.0.0.1/"]) {
    const call = await reportedCall("elsewhere", -60_000);
    setting.host.answer(apiPath(call), status(302, { location }));
    expect((await settled(call, "failed")).last_error, location).toMatch(/not https|port|an address/);
  }
  await running.stop(2_000);
});

test("a recording waits for an account's own bucket: the reason has the host and the command, and the rule starts it", async () => {
  const recording = recordingOf(40_000);
  setting.host.answer("/own-bucket.wav", whole(recording));
  const sourceUrl = `https://${OWN_BUCKET}/own-bucket.wav?s=1`;
  const queued = () => setting.calls.queue({ sourceUrl });
  const [byAccount, bySetting] = [await queued(), await queued()];
  const { sql } = setting.calls;
  const waiting = (call: QueuedCall) =>
    until(async () => {
      const [row] = await sql`select * from recording_upload_queue where call_id = ${call.callId}`;
      return row !== undefined && row.waits_for_host !== null && row;
    }, "the recording waits");

  const running = worker();
  const row = await waiting(byAccount);
  expect(row).toMatchObject({ status: "pending", attempts: 0, waits_for_host: OWN_BUCKET });
  expect(row.last_error).toMatch(
    `the host ${OWN_BUCKET} is not allowed. To allow the host: ops account set 00000000-0000-4000-8000-000000000001 --recording-host ${OWN_BUCKET}`,
  );
  await waiting(bySetting);
  await sql`update provider_accounts set recording_hosts = array[${OWN_BUCKET}] where org_id is null`;
  await sql`select call_ledger.wake_waiting_recordings(id) from provider_accounts where org_id is null`;
  await settled(byAccount, "stored");
  await running.stop(2_000);

  await sql`update provider_accounts set recording_hosts = '{}'`;
  await sql`update recording_upload_queue set status = 'pending', waits_for_host = ${OWN_BUCKET}, attempts = 0,
    storage_path = null, source_url = ${sourceUrl}, next_attempt_at = now() + interval '10 minutes' where call_id = ${bySetting.callId}`;
  const restarted = worker({ RECORDING_HOSTS: ["*.customer.test"] });
  await settled(bySetting, "stored");
  await restarted.stop(2_000);
});

test("a host that is not allowed in time ends as expired, with the reason", async () => {
  const call = await setting.calls.queue({
    sourceUrl: `https://${OWN_BUCKET}/never.wav?s=1`,
    recordingUrl: `https://${OWN_BUCKET}/never.wav`,
    expiresAt: Date.now() - 1_000,
  });
  const running = worker();
  expect((await settled(call, "expired")).last_error).toMatch(`the host ${OWN_BUCKET} is not allowed`);
  await running.stop(2_000);
});
