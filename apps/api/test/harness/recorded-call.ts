import { loadConfig } from "@call-ledger/config";
import type { SimulatedCall, SimulationOptions } from "@call-ledger/simulator";
import { simulateCall } from "@call-ledger/simulator";
import { speechWav } from "@call-ledger/simulator/recording";
import type { TestStorage } from "@call-ledger/storage/testing";
import { recordingOf, selfSigned, sourceHost, whole } from "@call-ledger/testkit/http";
import { until } from "@call-ledger/testkit/process";
import { startWorker } from "@call-ledger/worker/start";
import { ASSISTANT, deliver } from "./deliveries.ts";
import type { TestLedger } from "./ledger.ts";

export type RecordedCall = {
  readonly callId: string;
  readonly providerCallId: string;
  readonly recording: Buffer;
};

/**
 * `bytes`: a mono recording of that many random bytes. Without it the recording has the spoken text, in mono and in
 * stereo. `afterDelivery` is called after each delivery, before the next one is sent.
 */
export type RecordedCallOptions = Pick<SimulationOptions, "seed"> &
  Partial<SimulationOptions> & {
    readonly bytes?: number;
    afterDelivery?(delivery: SimulatedCall["deliveries"][number]): Promise<void>;
  };

/** The environment variables that set the storage of a test. */
export function storageEnv({ config }: TestStorage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(config).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

/**
 * Sends a whole call with the assistant of the fixtures to the api, delivery by delivery. A real worker fetches the
 * recording from a host that serves it, and stores it.
 */
export async function recordCall(
  api: { readonly url: string },
  ledger: TestLedger,
  storage: TestStorage,
  { bytes, afterDelivery, ...options }: RecordedCallOptions,
): Promise<RecordedCall> {
  const certificate = selfSigned("localhost");
  const host = await sourceHost(certificate);
  const call = simulateCall({
    assistantId: ASSISTANT,
    startedAt: Date.UTC(2026, 2, 12, 15),
    outcome: "completed",
    turns: 4,
    ...options,
    recordingOrigin: `https://${host.testHost}`,
    presignedAt: Date.now(),
  });
  const isHeard = bytes === undefined;
  const recording = isHeard ? Buffer.from(speechWav(call.spoken, "mono")) : recordingOf(bytes);
  host.answer(`/${call.callId}/mono.wav`, whole(recording));
  if (isHeard) host.answer(`/${call.callId}/stereo.wav`, whole(speechWav(call.spoken, "stereo")));
  for (const delivery of call.deliveries) {
    await deliver(api.url, Buffer.from(delivery.body));
    await afterDelivery?.(delivery);
  }

  const loaded = loadConfig({
    ...storageEnv(storage),
    RECORDING_HOSTS: "localhost",
    RECORDING_TEST_HOSTS: host.testHost,
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const quiet = { info: () => undefined, warn: () => undefined };
  const worker = startWorker({
    config: loaded.config,
    databaseUrl: ledger.database.appUrl,
    log: quiet,
    timing: { pollMs: 50 },
    ca: certificate.cert,
  });
  const [found] = await until(async () => {
    const rows = await ledger.sql`
      select c.id from calls c join recording_upload_queue q on q.org_id = c.org_id and q.call_id = c.id
      where c.provider_call_id = ${call.callId} and q.status = 'stored'`;
    return rows.length === (isHeard ? 2 : 1) && rows;
  }, "the recording is stored");
  await worker.stop(2_000);
  await host.stop();
  return { callId: found?.id, providerCallId: call.callId, recording };
}
