import { describe, expect, test } from "vitest";
import { namedTime, noRecordingReason, outcomeWord } from "./call-words.ts";

const SILENT = { outcome: "no_answer", attention: ["no_caller_speech"] } as const;

describe("the outcome", () => {
  test("of an answered call without a word of the customer is not “No answer”", () => {
    expect(outcomeWord({ ...SILENT, attention: [...SILENT.attention] })).toBe("Silent");
    expect(outcomeWord({ outcome: "no_answer", attention: [] })).toBe("No answer");
    expect(outcomeWord({ outcome: null })).toBe("Unknown");
  });
});

describe("the time", () => {
  const [seen, rang, began] = ["2026-03-04T09:00:09Z", "2026-03-04T09:00:01Z", "2026-03-04T09:00:05Z"];

  test.each([
    [{ started_at: began, ringing_at: rang }, "calls.started", began],
    [{ started_at: null, ringing_at: rang }, "call.ringing", rang],
    [{ started_at: null, ringing_at: null }, "calls.firstSeen", seen],
    [{ started_at: null }, "calls.firstSeen", seen],
  ])("%o is named %s", (call, name, at) => {
    expect(namedTime({ ...call, first_seen_at: seen })).toEqual({ name, at });
  });
});

describe("a call without a recording", () => {
  const call = {
    attention: [],
    answered_at: null,
    awaits_report: false,
    caller_turns: null,
    duration_seconds: null,
    outcome: "no_answer",
  } as const;

  test.each([
    ["was not answered", {}, "call.nothingRecorded"],
    ["was answered", { answered_at: "2026-03-04T09:00:05Z", caller_turns: 0 }, "call.noRecording"],
    ["was silent", { attention: ["no_caller_speech" as const] }, "call.noRecording"],
    ["was spoken in", { caller_turns: 1 }, "call.noRecording"],
    ["was completed", { outcome: "completed" as const }, "call.noRecording"],
    ["failed to start", { outcome: "failed" as const, duration_seconds: 0 }, "call.notConnected"],
    ["failed later", { outcome: "failed" as const, duration_seconds: 24 }, "call.noRecording"],
    [
      "was completed just now",
      { outcome: "completed" as const, awaits_report: true },
      "call.recordingNotReported",
    ],
    ["was not answered just now", { awaits_report: true }, "call.nothingRecorded"],
    ["lacks its report", { attention: ["missing_report" as const] }, "call.recordingNotReported"],
  ])("%s", (_what, facts, reason) => {
    expect(noRecordingReason({ ...call, attention: [], ...facts })).toBe(reason);
  });
});
