import type { Log } from "@call-ledger/process";
import type { RequestHandler, Response } from "express";
import type { FinishedRequest, RequestTrace } from "./request-trace.ts";
import { kindOf, startTrace } from "./request-trace.ts";

/** The allowed form of a caller's request id. An id of another form is replaced, so that nobody writes into the log. */
const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Gives every request an id, which its answer has as `x-request-id`. Logs a finished request, and calls `finished`. */
export function requestLog(
  log: Log,
  newId: () => string,
  finished: (request: FinishedRequest) => void,
): RequestHandler {
  return (req, res, next) => {
    const given = req.get("x-request-id");
    const trace = startTrace(res, given !== undefined && REQUEST_ID.test(given) ? given : newId());
    const startedAt = performance.now();
    res.setHeader("x-request-id", trace.id);
    res.once("close", () => {
      const endedAt = performance.now();
      const ms = Math.round((endedAt - startedAt) * 10) / 10;
      log.info({ ...fieldsOf(trace, res), method: req.method, ms }, "request");
      finished({ trace, status: res.writableFinished ? res.statusCode : null, startedAt, endedAt });
    });
    next();
  };
}

function fieldsOf(trace: RequestTrace, res: Response) {
  const { id, route, outcome, reason, key, events } = trace;
  const fields = { id, route, reason, type: kindOf(trace), key, events };
  return res.writableFinished
    ? { ...fields, status: res.statusCode, outcome }
    : { ...fields, outcome: "aborted" };
}
