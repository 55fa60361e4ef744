import type { Peaks } from "@call-ledger/contract/calls";
import type { CallRecording, WantedRecording } from "@call-ledger/db/read";
import type { Channel } from "@call-ledger/domain";
import { boundedIdentifier } from "@call-ledger/domain";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";

/** A URL that needs no key and does not last. */
type ShortLink = { readonly url: string; readonly expiresAt: Date };

type StoredRecording = CallRecording & { readonly state: "stored" };

/** Every method throws LedgerUnreadable. */
export type RecordingPorts = {
  /** `null`: the organization has no such call. */
  recordingOf(orgId: string, wanted: WantedRecording): Promise<CallRecording | null>;
  /** `null`: what is stored is not an object of this organization in our storage. */
  linkTo(orgId: string, recording: StoredRecording): Promise<ShortLink | null>;
  /** `null`: the recording has no waveform in our storage. Throws ApiProblem `unavailable` while that cannot be read. */
  peaksOf(orgId: string, recording: StoredRecording): Promise<Peaks | null>;
};

type ReadyOrNot = Exclude<CallRecording, StoredRecording>;

/** A report can come any moment, and waiting jobs can be retried: nobody need wait longer before asking again. */
const LONGEST_WAIT_SECONDS = 3_600;

/** Browsers keep a waveform for a day: it never changes, and should not outlast its recording by much. */
const KEPT_FOR_A_DAY = "private, max-age=86400, immutable";
/** Without a channel the answer may be about another recording tomorrow. */
const ASKED_EVERY_TIME = "private, no-cache";

/** Redirects to where the recording of a call can be fetched for a short while, and sends its waveform. */
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
  detail: "The recording was stored by other means than call-ledger's, and has to be fetched by those.",
  members: { state: "stored", reason: "its storage path was given from outside" },
});

/**
 * The call is there, its recording is not: 404 while none is known of, 409 while it may still come, 410 when the
 * provider's copy is gone. `state` and `reason` say more, and tell these from a call that is not there.
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
    const detail = "The recording is on its way: ask again.";
    return new ApiProblem("recording_pending", { detail, members, headers });
  }
  if (state === "failed") {
    const detail = "The recording could not be kept; the operator can have it tried again.";
    return new ApiProblem("recording_failed", { detail, members });
  }
  const detail = "The provider's copy was gone before it could be kept.";
  return new ApiProblem("recording_expired", { detail, members });
}

/** There is no recording whose waveform could be sent. */
function peaksOfNone(recording: ReadyOrNot): ApiProblem {
  const { state } = recording;
  const reason = "reason" in recording ? recording.reason : null;
  const detail =
    state === "none"
      ? "No report has named a recording, so there is no waveform."
      : "The recording is not stored, so there is no waveform. A waveform is stored with its recording.";
  return new ApiProblem("no_recording", { detail, members: { state, reason } });
}

/** The recording is stored without a waveform. */
function noPeaks(error: string | null): ApiProblem {
  const reason = error ?? "it was stored by an earlier release or by other means than call-ledger's";
  const detail = `The recording has no waveform: ${reason}.`;
  return new ApiProblem("no_peaks", { detail, members: { state: "stored", reason } });
}
