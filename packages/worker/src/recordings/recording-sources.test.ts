import { vapiRecordings } from "@call-ledger/providers/testing/vapi";
import { expect, test } from "vitest";
import { EgressFault } from "../egress/egress-fault.ts";
import { sourcesOf } from "./recording-sources.ts";

const now = Date.UTC(2026, 2, 12, 15);
const job = {
  orgId: "o",
  id: "j",
  leaseToken: "t",
  callId: "c",
  channel: "stereo" as const,
  attempts: 1,
  recordingUrl: "https://storage.vapi.ai/a.wav",
  sourceUrl: "https://storage.vapi.ai/a.wav?sig=1",
  sourceExpiresAt: now + 3_600_000,
  queuedAt: now,
  callEndedAt: now - 60_000,
  provider: "vapi",
  providerAccountId: "p",
  providerCallId: "../other?x=1",
  accountHosts: ["own.bucket.test"],
  waitedForHost: null,
};
const hosts = ["provider.test", "own.bucket.test"];
const credential = { baseUrl: "https://api.vapi.ai/", apiKey: "key" };
const access = { api: vapiRecordings, hosts: ["provider.test"], remedy: "set KEY" };
const withKey = { ...access, credential };
const withoutKey = { ...access, credential: null };
const namesOf = (sources: ReturnType<typeof sourcesOf>) => sources.sources.map(({ name }) => name);

test("a fresh presigned URL is tried first, then the API with the account's key", () => {
  const { sources } = sourcesOf(job, withKey, now);
  expect(sources).toEqual([
    { name: "presigned URL", request: { url: job.sourceUrl, headers: {}, hosts, isApi: false } },
    {
      name: "API",
      request: {
        url: "https://api.vapi.ai/call/..%2Fother%3Fx%3D1/stereo-recording",
        headers: { authorization: "Bearer key" },
        hosts,
        isApi: true,
      },
    },
    {
      name: "plain URL",
      request: { url: job.recordingUrl, headers: {}, hosts, isApi: false },
      isLastResort: true,
    },
  ]);
});

test("without a key or a provider, only the plain URL is left", () => {
  expect(namesOf(sourcesOf(job, withoutKey, now))).toEqual(["presigned URL", "plain URL"]);
  expect(namesOf(sourcesOf(job, null, now))).toEqual(["presigned URL", "plain URL"]);
});

test("a presigned URL that has expired or is about to is not tried", () => {
  expect(namesOf(sourcesOf({ ...job, sourceExpiresAt: now + 4_000 }, withKey, now))).toEqual([
    "API",
    "plain URL",
  ]);
  expect(namesOf(sourcesOf({ ...job, sourceExpiresAt: null }, withKey, now))).toEqual([
    "presigned URL",
    "API",
    "plain URL",
  ]);
});

test("one URL is tried once", () => {
  expect(namesOf(sourcesOf({ ...job, recordingUrl: job.sourceUrl }, withoutKey, now))).toEqual([
    "presigned URL",
  ]);
});

test("the deadline is the provider's retention, or the URL's expiry if the URL is the only source", () => {
  const day = 86_400_000;
  expect(sourcesOf(job, withKey, now).deadline).toBe(job.callEndedAt + 14 * day);
  expect(sourcesOf({ ...job, callEndedAt: null }, withKey, now).deadline).toBe(now + 14 * day);
  expect(sourcesOf(job, withoutKey, now).deadline).toBe(job.sourceExpiresAt);
  expect(sourcesOf({ ...job, sourceUrl: null, sourceExpiresAt: null }, withoutKey, now).deadline).toBe(
    job.callEndedAt + 14 * day,
  );
});

test("an unreadable key gives no source but a reason, and the deadline still is the provider's", () => {
  const fault = new EgressFault("passing", "the key cannot be read");
  const found = sourcesOf(job, { ...access, credential: fault }, now);
  expect(namesOf(found)).toEqual(["presigned URL", "plain URL"]);
  expect(found.unusable).toEqual([{ source: "API", fault }]);
  expect(found.deadline).toBe(job.callEndedAt + 14 * 86_400_000);
  expect(sourcesOf(job, withKey, now).unusable).toEqual([]);
  const remedies = [withKey, withoutKey, { ...access, credential: fault }, null].map(
    (given) => sourcesOf(job, given, now).remedy,
  );
  expect(remedies).toEqual([null, "set KEY", null, null]);
});
