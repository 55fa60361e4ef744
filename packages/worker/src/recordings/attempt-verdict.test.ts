import { RecordingFault } from "@call-ledger/storage";
import { expect, test } from "vitest";
import { attemptVerdict } from "./attempt-verdict.ts";

const failedAt = Date.UTC(2026, 2, 12);
const attempt = { attempts: 1, failedAt, deadline: failedAt + 86_400_000 };
const from = (source: string, fault: RecordingFault) => ({ source, fault });
const passing = new RecordingFault("passing", "the source answered HTTP 503", { status: 503 });
const forbidden = new RecordingFault("gone", "the source answered HTTP 403", { status: 403 });
const missing = new RecordingFault("gone", "the source answered HTTP 404", { status: 404 });
const noRecording = new RecordingFault("unsuitable", "what the source sent is no recording");

test("what passes is tried again, as the domain's policy says", () => {
  const verdict = attemptVerdict({ ...attempt, faults: [from("API", passing)] }, 0);
  expect(verdict).toEqual({
    verdict: { retryAt: failedAt + 2_500 },
    reason: "API: the source answered HTTP 503",
    deadline: attempt.deadline,
  });
});

test.each([
  ["gone", forbidden],
  ["unsuitable", noRecording],
])("what is %s is given up at once", (_kind, fault) => {
  expect(attemptVerdict({ ...attempt, faults: [from("API", fault)] }, 0).verdict).toBe("failed");
});

test("one source that may recover keeps the job alive, and every reason is told", () => {
  const faults = [from("presigned URL", forbidden), from("API", passing)];
  const { verdict, reason } = attemptVerdict({ ...attempt, faults }, 0);
  expect(verdict).toEqual({ retryAt: failedAt + 2_500 });
  expect(reason).toBe("presigned URL: the source answered HTTP 403; API: the source answered HTTP 503");
});

test("a missing recording may come late, but not for ever", () => {
  const verdictOf = (attempts: number) =>
    attemptVerdict({ ...attempt, attempts, faults: [from("API", missing)] }, 0).verdict;
  expect(verdictOf(4)).toEqual({ retryAt: failedAt + 20_000 });
  expect(verdictOf(5)).toBe("failed");
});

test("the longest wish of the sources is heard", () => {
  const wish = (retryAfterMs: number) =>
    new RecordingFault("passing", "HTTP 429", { status: 429, retryAfterMs });
  const faults = [from("presigned URL", wish(90_000)), from("API", wish(30_000))];
  expect(attemptVerdict({ ...attempt, faults }, 0).verdict).toEqual({ retryAt: failedAt + 90_000 });
});

test("nothing is tried after the deadline, and the policy's last attempt is the last", () => {
  const late = { ...attempt, deadline: failedAt + 1_000, faults: [from("API", passing)] };
  expect(attemptVerdict(late, 0).verdict).toBe("expired");
  expect(attemptVerdict({ ...attempt, attempts: 20, faults: [from("API", passing)] }, 0).verdict).toBe(
    "failed",
  );
});

test("with nothing left to try the recording is expired", () => {
  expect(attemptVerdict({ ...attempt, faults: [] }, 0)).toMatchObject({
    verdict: "expired",
    reason: expect.stringMatching(/no API key/),
  });
});
