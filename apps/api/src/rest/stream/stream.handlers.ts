import type { Handlers } from "../mount/handler.ts";
import { queryForRequest } from "../query-for-request.ts";
import type { CallStreams } from "./call-streams.ts";
import { placeOfId } from "./change-place.ts";

/** Handler for streams of calls. A client that was cut off resumes with `Last-Event-ID`. */
export function streamHandlers(streams: CallStreams): Pick<Handlers, "streamCalls"> {
  return {
    async streamCalls({ caller: { orgId, credentialId } }, res) {
      const last = res.req.headers["last-event-id"];
      const since = typeof last !== "string" || last === "" ? null : (placeOfId(last) ?? "unknown");
      await queryForRequest(() => streams.open(res, { orgId, credentialId }, since));
    },
  };
}
