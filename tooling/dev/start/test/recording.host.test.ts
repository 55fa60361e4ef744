import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSigned, spokenPath } from "@call-ledger/simulator/recording";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RecordingHost, startRecordingHost } from "../recording.host.ts";

const OTHER_AUTHORITY = selfSigned("proxy.example").cert;

let folder: string;
let host: RecordingHost;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "recording-host-"));
  writeFileSync(join(folder, "proxy.pem"), OTHER_AUTHORITY);
  host = await startRecordingHost(
    { RECORDING_HOSTS: "media.example.com", NODE_EXTRA_CA_CERTS: join(folder, "proxy.pem") },
    folder,
  );
});

afterAll(() => {
  host.stop();
  rmSync(folder, { recursive: true });
});

function fetched(path: string): Promise<{ status: number | undefined; body: Buffer }> {
  const ca = readFileSync(host.env.NODE_EXTRA_CA_CERTS ?? "");
  return new Promise((resolve, reject) => {
    request(`https://${host.env.RECORDING_TEST_HOSTS}${path}`, { ca }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode, body: Buffer.concat(chunks) }));
    })
      .once("error", reject)
      .end();
  });
}

test("allowed hosts and trusted certificates of the environment are kept", () => {
  expect(host.env.RECORDING_HOSTS).toBe("media.example.com,localhost");
  expect(readFileSync(host.env.NODE_EXTRA_CA_CERTS ?? "", "utf8")).toContain(OTHER_AUTHORITY);
  expect(host.env.RECORDING_CHANNELS).toBe("stereo");
});

test("a recording is a WAV of the length in its path", async () => {
  const path = spokenPath([{ speaker: "agent", from: 0, to: 3 }]);
  const { status, body } = await fetched(`/${path}/call-1/stereo.wav?X-Amz-Signature=1`);
  expect([status, body.subarray(0, 4).toString(), body.readUInt16LE(22)]).toEqual([200, "RIFF", 2]);
  expect(body.length).toBe(44 + 4 * 8_000 * 4);
  expect((await fetched(`/${path}/call-1/call.jsonl.gz`)).status).toBe(404);
});
