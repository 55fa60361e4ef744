import type { CallRecording } from "@call-ledger/db/read";
import type { Channel } from "@call-ledger/domain";
import { boundedIdentifier, CHANNELS } from "@call-ledger/domain";
import { Router } from "express";
import type { Reply } from "../http/reply.ts";
import { problem } from "../http/reply.ts";
import type { AccessPorts } from "./access-ports.ts";
import { reading } from "./api-key.middleware.ts";

type ReadyOrNot = Exclude<CallRecording, { readonly state: "stored" }>;

/** Another organization's call, and one that nobody has. */
const NO_CALL = problem(404, "Not Found");

/** A report can come any moment, and waiting jobs can be retried: nobody need wait longer before asking again. */
const LONGEST_WAIT_SECONDS = 3_600;

/** `GET /:id/recording?channel=`: redirects to where the recording of a call can be fetched for a short while. */
export function callRecordingRoutes(ports: AccessPorts): Router {
  const router = Router();
  const told = { route: "/api/v1/calls/:id/recording", scope: "recordings:read" } as const;
  router.all(
    "/:id/recording",
    reading<{ id: string }>(ports, told, async ({ orgId }, req) => {
      const channel = channelIn(req.url);
      if (channel === undefined) return BAD_CHANNEL;
      const call = boundedIdentifier(req.params.id);
      const recording = call === null ? null : await ports.recordingOf(orgId, { call, channel });
      if (recording === null) return NO_CALL;
      if (recording.state !== "stored") return notStored(recording);
      const link = await ports.linkTo(orgId, recording);
      if (link === null) return STORED_ELSEWHERE;
      return {
        status: 302,
        headers: { location: link.url },
        body: { url: link.url, expires_at: link.expiresAt.toISOString() },
      };
    }),
  );
  return router;
}

const BAD_CHANNEL = problem(400, "Bad Request", {}, { detail: `channel is one of ${CHANNELS.join(", ")}.` });

/** `null` where none is asked for, `undefined` for one that there is not. */
function channelIn(url: string): Channel | null | undefined {
  const query = url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
  const given = new URLSearchParams(query).get("channel");
  return given === null ? null : CHANNELS.find((channel) => channel === given);
}

const STORED_ELSEWHERE = problem(
  409,
  "Conflict",
  {},
  {
    state: "stored",
    reason: "its storage path was given from outside",
    detail: "The recording was stored by other means than call-ledger's, and has to be fetched by those.",
  },
);

/**
 * The call is there, its recording is not: 404 while none is known of, 409 while it may still come, 410 when the
 * provider's copy is gone. `state` and `reason` say more, and tell these from a call that is not there.
 */
function notStored(recording: ReadyOrNot): Reply {
  const { state } = recording;
  if (state === "none") {
    return problem(404, "Not Found", {}, { state, reason: null, detail: "No report has named a recording." });
  }
  const { reason } = recording;
  if ("retryAfterSeconds" in recording) {
    const seconds = Math.min(recording.retryAfterSeconds, LONGEST_WAIT_SECONDS);
    const detail = "The recording is on its way: ask again.";
    return problem(409, "Conflict", { "retry-after": String(seconds) }, { state, reason, detail });
  }
  if (state === "failed") {
    const detail = "The recording could not be kept; the operator can have it tried again.";
    return problem(409, "Conflict", {}, { state, reason, detail });
  }
  const detail = "The provider's copy was gone before it could be kept.";
  return problem(410, "Gone", {}, { state, reason, detail });
}
