import type { Call, CallSummary } from "@call-ledger/contract/calls";
import type { TextKey } from "../text/text.ts";
import { word } from "../text/text.ts";

type Ended = Pick<CallSummary, "outcome"> & Partial<Pick<CallSummary, "attention">>;

/**
 * The word for the outcome of a call. The outcome `no_answer` includes calls that were answered and in which the
 * customer said nothing, and "No answer" would be wrong for them.
 */
export function outcomeWord({ outcome, attention = [] }: Ended): string {
  if (outcome === "no_answer" && attention.includes("no_caller_speech")) return word("outcome", "silent");
  return word("outcome", outcome ?? "unknown");
}

/**
 * The time of a call with its name: the start, else the time at which it rang, else the one at which it was first seen.
 */
export function namedTime(
  call: Pick<CallSummary, "started_at" | "first_seen_at"> & Partial<Pick<Call, "ringing_at">>,
): { readonly name: TextKey; readonly at: string } {
  if (call.started_at !== null) return { name: "calls.started", at: call.started_at };
  if (call.ringing_at != null) return { name: "call.ringing", at: call.ringing_at };
  return { name: "calls.firstSeen", at: call.first_seen_at };
}

/** The reason why no report has named a recording of an ended call. */
export function noRecordingReason(
  call: Pick<
    Call,
    "attention" | "answered_at" | "awaits_report" | "caller_turns" | "duration_seconds" | "outcome"
  >,
): TextKey {
  const { attention, awaits_report: awaitsReport, outcome } = call;
  if (attention.includes("missing_report")) return "call.recordingNotReported";
  const wasAnswered = call.answered_at !== null || (call.caller_turns ?? 0) > 0;
  // Without a second of duration such a call has failed before anybody could answer.
  if (outcome === "failed" && !wasAnswered && !call.duration_seconds) return "call.notConnected";
  const isMissed = outcome === "no_answer" || outcome === "busy" || outcome === "canceled";
  if (isMissed && !wasAnswered && !attention.includes("no_caller_speech")) return "call.nothingRecorded";
  return awaitsReport ? "call.recordingNotReported" : "call.noRecording";
}
