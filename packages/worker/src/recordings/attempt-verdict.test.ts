import { StorageFault } from "@call-ledger/storage";
import { expect, test } from "vitest";
import { EgressFault } from "../egress/egress-fault.ts";
import type { SourceFault, SourceName } from "./attempt-verdict.ts";
import { attemptVerdict } from "./attempt-verdict.ts";

const failedAt = Date.UTC(2026, 2, 12);
const attempt = {
  attempts: 1,
  failedAt,
  deadline: failedAt + 86_400_000,
  remedy: null,
  providerAccountId: "ID",
  waitedForHost: null,
  sourceUrl: "https://storage.vapi.ai/a.wav?sig=1",
  recordingUrl: "https://storage.vapi.ai/a.wav",
};
const from = (source: SourceName, fault: SourceFault["fault"]) => ({ source, fault });
const answered = (status: number) =>
  new EgressFault("gone", `the server answered HTTP ${status}`, { status });
const redirected = (status: number) =>
  new EgressFault("gone", `the server redirected to a link that answered HTTP ${status}`, {
    status,
    isRedirected: true,
  });
const passing = new EgressFault("passing", "the server answered HTTP 503", { status: 503 });
const unlisted = new EgressFault("unlisted", "the host b.test is not allowed", { host: "b.test" });
const noRecording = new EgressFault("unsuitable", "the server's answer is not a recording");

test("a passing fault is tried again according to the domain's policy", () => {
  const verdict = attemptVerdict({ ...attempt, faults: [from("API", passing)] }, 0);
  expect(verdict).toEqual({
    verdict: { retryAt: failedAt + 2_500 },
    reason: "The provider's API answered HTTP 503.",
    deadline: attempt.deadline,
  });
});

test.each<[string, "expired" | "failed", ReturnType<typeof from>[]]>([
  ["a signature that is refused or missing", "expired", [from("presigned URL", answered(403))]],
  ["a URL that is answered with 400", "expired", [from("plain URL", answered(400))]],
  [
    "an API call beyond the retention",
    "expired",
    [from("presigned URL", answered(403)), from("API", answered(400))],
  ],
  ["a key that is refused", "failed", [from("presigned URL", answered(403)), from("API", answered(401))]],
  [
    "an expired link that the API redirects to",
    "expired",
    [from("presigned URL", answered(403)), from("API", redirected(403))],
  ],
  ["a body that is not a recording", "failed", [from("API", noRecording)]],
])("%s ends as %s immediately", (_what, verdict, faults) => {
  expect(attemptVerdict({ ...attempt, faults }, 0).verdict).toBe(verdict);
});

test("the reason of an expired recording names what would have saved it", () => {
  const faults = [from("presigned URL", answered(403))];
  expect(attemptVerdict({ ...attempt, faults, remedy: "set VAPI_API_KEY" }, 0)).toMatchObject({
    verdict: "expired",
    reason:
      "The presigned URL answered HTTP 403: the link has expired or is not public. " +
      "The provider's API was not asked, because no API key is set. To change that: set VAPI_API_KEY",
  });
});

test("one source that may recover keeps the job alive, and the reason has all faults", () => {
  const faults = [from("presigned URL", answered(403)), from("API", passing)];
  const { verdict, reason } = attemptVerdict({ ...attempt, faults }, 0);
  expect(verdict).toEqual({ retryAt: failedAt + 2_500 });
  expect(reason).toBe(
    "The presigned URL answered HTTP 403: the link has expired or is not public. " +
      "The provider's API answered HTTP 503.",
  );
});

test.each([
  ["API", answered(401), "The provider's API answered HTTP 401: it refuses the API key."],
  ["API", answered(404), "The provider's API answered HTTP 404: the recording is not there."],
  ["API", answered(400), "The provider's API answered HTTP 400: it does not keep the recording any more."],
  [
    "API",
    redirected(403),
    "The provider's API redirected to a link that answered HTTP 403: the link has expired or is not public.",
  ],
  ["plain URL", noRecording, "The plain URL's answer is not a recording."],
  [
    "presigned URL",
    new StorageFault("the storage is full"),
    "The recording could not be stored: the storage is full.",
  ],
] as const)("the reason of the %s is a sentence: %s", (source, fault, reason) => {
  expect(attemptVerdict({ ...attempt, faults: [from(source, fault)] }, 0).reason).toBe(reason);
});

test("a job waits for a host that is not allowed until the deadline, and the reason has the command", () => {
  const faults = [from("presigned URL", unlisted), from("API", answered(400))];
  const waiting = { ...attempt, faults };
  const reason =
    "The presigned URL cannot be used: the host b.test is not allowed. " +
    "The provider's API answered HTTP 400: it does not keep the recording any more. " +
    "To allow the host: ops account set ID --recording-host b.test";
  expect(attemptVerdict(waiting, 0)).toEqual({
    verdict: { retryAt: failedAt + 600_000, waitsForHost: "b.test" },
    reason,
    deadline: attempt.deadline,
  });
  const soon = { ...waiting, deadline: failedAt + 1_000 };
  expect(attemptVerdict(soon, 0).verdict).toEqual({ retryAt: failedAt + 1_000, waitsForHost: "b.test" });
  expect(attemptVerdict({ ...waiting, deadline: failedAt }, 0)).toMatchObject({ verdict: "expired", reason });
});

test("a job without attempts left waits for the host that could still help", () => {
  const faults = [from("presigned URL", unlisted), from("API", passing)];
  expect(attemptVerdict({ ...attempt, faults }, 0).verdict).toEqual({ retryAt: failedAt + 2_500 });
  expect(attemptVerdict({ ...attempt, attempts: 20, faults }, 0).verdict).toMatchObject({
    waitsForHost: "b.test",
  });
});

test("a missing recording may come late, but is not awaited for ever", () => {
  const verdictOf = (attempts: number) =>
    attemptVerdict({ ...attempt, attempts, faults: [from("API", answered(404))] }, 0).verdict;
  expect(verdictOf(4)).toEqual({ retryAt: failedAt + 20_000 });
  expect(verdictOf(5)).toBe("failed");
});

test("the longest Retry-After of the sources is used", () => {
  const wish = (retryAfterMs: number) =>
    new EgressFault("passing", "HTTP 429", { status: 429, retryAfterMs });
  const faults = [from("presigned URL", wish(90_000)), from("API", wish(30_000))];
  expect(attemptVerdict({ ...attempt, faults }, 0).verdict).toEqual({ retryAt: failedAt + 90_000 });
});

test("no attempt comes after the deadline or after the policy's last attempt", () => {
  const late = { ...attempt, deadline: failedAt + 1_000, faults: [from("API", passing)] };
  expect(attemptVerdict(late, 0).verdict).toBe("expired");
  expect(attemptVerdict({ ...attempt, attempts: 20, faults: [from("API", passing)] }, 0).verdict).toBe(
    "failed",
  );
});

test("a recording without a source left is expired", () => {
  const nothing = { ...attempt, faults: [], remedy: "set VAPI_API_KEY" };
  expect(attemptVerdict(nothing, 0)).toMatchObject({
    verdict: "expired",
    reason: expect.stringMatching(/No source is left.*no API key is set.*VAPI_API_KEY/),
  });
  expect(attemptVerdict({ ...nothing, waitedForHost: "b.test" }, 0).reason).toMatch(
    /b\.test was not allowed/,
  );
});

test("a recording whose URL nobody has named has failed, and can be tried again with a key until it is deleted", () => {
  const unnamed = { ...attempt, faults: [], sourceUrl: null, recordingUrl: null, remedy: "set VAPI_API_KEY" };
  expect(attemptVerdict(unnamed, 0)).toMatchObject({
    verdict: "failed",
    reason: expect.stringMatching(/no URL that can be fetched.*no API key is set.*VAPI_API_KEY/),
  });
  expect(attemptVerdict({ ...unnamed, deadline: failedAt }, 0).verdict).toBe("expired");
});
