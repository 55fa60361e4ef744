import type { CallRecording, WantedRecording } from "@call-ledger/db/read";
import { boundedIdentifier } from "@call-ledger/domain";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";

/** A URL that needs no key and does not last. */
type ShortLink = { readonly url: string; readonly expiresAt: Date };

/** Every method throws LedgerUnreadable. */
export type RecordingPorts = {
  /** `null`: the organization has no such call. */
  recordingOf(orgId: string, wanted: WantedRecording): Promise<CallRecording | null>;
  /** `null`: what is stored is not an object of this organization in our storage. */
  linkTo(orgId: string, recording: CallRecording & { readonly state: "stored" }): Promise<ShortLink | null>;
};

type ReadyOrNot = Exclude<CallRecording, { readonly state: "stored" }>;

/** A report can come any moment, and waiting jobs can be retried: nobody need wait longer before asking again. */
const LONGEST_WAIT_SECONDS = 3_600;

/** Redirects to where the recording of a call can be fetched for a short while. */
export function recordingHandlers(ports: RecordingPorts): Pick<Handlers, "getRecording"> {
  return {
    async getRecording({ caller: { orgId }, params, query, setHeader }) {
      const call = boundedIdentifier(params.call);
      const wanted = call === null ? null : { call, channel: query.channel ?? null };
      const recording = wanted === null ? null : await ports.recordingOf(orgId, wanted);
      if (recording === null) throw new ApiProblem("not_found");
      if (recording.state !== "stored") throw notStored(recording);
      const link = await ports.linkTo(orgId, recording);
      if (link === null) throw STORED_ELSEWHERE;
      setHeader("location", link.url);
      return { url: link.url, expires_at: link.expiresAt.toISOString() };
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
