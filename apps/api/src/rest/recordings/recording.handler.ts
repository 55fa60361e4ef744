import type { Peaks } from "@call-ledger/contract/calls";
import type { CallRecording, WantedRecording } from "@call-ledger/db/read";
import type { Channel } from "@call-ledger/domain";
import { boundedIdentifier } from "@call-ledger/domain";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";

/** A URL that needs no API key and expires soon. */
type ShortLink = { readonly url: string; readonly expiresAt: Date };

type StoredRecording = CallRecording & { readonly state: "stored" };

/** Every method throws LedgerUnreadable. */
export type RecordingPorts = {
  /** `null`: the organization has no such call. */
  recordingOf(orgId: string, wanted: WantedRecording): Promise<CallRecording | null>;
  /** `null`: the stored object is not in our storage, or does not belong to this organization. */
  linkTo(orgId: string, recording: StoredRecording): Promise<ShortLink | null>;
  /** `null`: the recording has no waveform in our storage. Throws ApiProblem `unavailable` if it cannot be read now. */
  peaksOf(orgId: string, recording: StoredRecording): Promise<Peaks | null>;
};

type ReadyOrNot = Exclude<CallRecording, StoredRecording>;

/**
 * The max Retry-After. A report can come any moment, and an operator can retry a job, so a longer wait is not useful.
 */
const LONGEST_WAIT_SECONDS = 3_600;

/** Browsers keep a waveform for a day: it never changes, but should not be kept long after its recording is deleted. */
const KEPT_FOR_A_DAY = "private, max-age=86400, immutable";
/** Without a channel, a later answer may be about another recording of the call, so browsers ask every time. */
const ASKED_EVERY_TIME = "private, no-cache";

/** Handlers that redirect to the recording of a call, by a link that expires soon, and that send its waveform. */
export function recordingHandlers(ports: RecordingPorts): Pick<Handlers, "getRecording" | "getPeaks"> {
  const recordingOf = async (orgId: string, id: string, channel: Channel | null): Promise<CallRecording> => {
    const call = boundedIdentifier(id);
    const recording = call === null ? null : await ports.recordingOf(orgId, { call, channel });
    if (recording === null) throw new ApiProblem("not_found");
    return recording;
  };
  return {
    async getRecording({ caller: { orgId }, params, query, setHeader }) {
      const recording = await recordingOf(orgId, params.call, query.channel ?? null);
      if (recording.state !== "stored") throw notStored(recording);
      const link = await ports.linkTo(orgId, recording);
      if (link === null) throw STORED_ELSEWHERE;
      setHeader("location", link.url);
      return { url: link.url, expires_at: link.expiresAt.toISOString() };
    },

    async getPeaks({ caller: { orgId }, params, query, setHeader }) {
      const recording = await recordingOf(orgId, params.call, query.channel ?? null);
      if (recording.state !== "stored") throw peaksOfNone(recording);
      const peaks = await ports.peaksOf(orgId, recording);
      if (peaks === null) throw noPeaks(recording.peaksError);
      setHeader("cache-control", query.channel === undefined ? ASKED_EVERY_TIME : KEPT_FOR_A_DAY);
      setHeader("vary", "authorization, cookie");
      return peaks;
    },
  };
}

const STORED_ELSEWHERE = new ApiProblem("stored_elsewhere", {
  detail: "The recording was not stored by call-ledger. Fetch it with the program that stored it.",
  members: { state: "stored", reason: "its storage path was given from outside" },
});

/**
 * The answer for a call without a stored recording: 404 if no report has named one, 409 if it may still come or was
 * given up, 410 if the provider's copy is gone. The members `state` and `reason` say which, and tell it from an unknown
 * call.
 */
function notStored(recording: ReadyOrNot): ApiProblem {
  const { state } = recording;
  if (state === "none") {
    const members = { state, reason: null };
    return new ApiProblem("no_recording", { detail: "No report has named a recording.", members });
  }
  const members = { state, reason: recording.reason };
  if ("retryAfterSeconds" in recording) {
    const seconds = Math.min(recording.retryAfterSeconds, LONGEST_WAIT_SECONDS);
    const headers = { "retry-after": String(seconds) };
    const detail = "The recording is not stored yet. Ask again after the seconds in Retry-After.";
    return new ApiProblem("recording_pending", { detail, members, headers });
  }
  if (state === "failed") {
    const detail = "The recording could not be stored. POST /recordings/{recording}/retry tries again.";
    return new ApiProblem("recording_failed", { detail, members });
  }
  const detail =
    "The provider's copy was gone before it could be stored, or its link had expired. `reason` says which.";
  return new ApiProblem("recording_expired", { detail, members });
}

/** The answer for a waveform of a call without a stored recording. */
function peaksOfNone(recording: ReadyOrNot): ApiProblem {
  const { state } = recording;
  const reason = "reason" in recording ? recording.reason : null;
  const detail =
    state === "none"
      ? "No report has named a recording, so there is no waveform."
      : "The recording is not stored, so there is no waveform. A waveform is stored with its recording.";
  return new ApiProblem("no_recording", { detail, members: { state, reason } });
}

/** The answer for a recording that was stored without a waveform. */
function noPeaks(error: string | null): ApiProblem {
  const reason = error ?? "it was stored by an earlier release or by another program";
  const detail = `The recording has no waveform: ${reason}.`;
  return new ApiProblem("no_peaks", { detail, members: { state: "stored", reason } });
}
