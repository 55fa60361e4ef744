import { databaseFault } from "@call-ledger/db/errors";
import { AccountOverShare, LedgerFault, LedgerUnavailable } from "@call-ledger/ingest";
import type { Alert } from "@call-ledger/process";
import { errorFields } from "@call-ledger/process";
import type { ErrorRequestHandler } from "express";
import { BodyAborted, BodyTooLarge, BodyTooSlow } from "../http/arriving-body.ts";
import { NoRoom } from "../http/byte-budget.ts";
import type { Reply } from "../http/reply.ts";
import { problem } from "../http/reply.ts";
import type { RequestTrace } from "../http/request-trace.ts";
import { traceOf } from "../http/request-trace.ts";
import { writeReply } from "../http/write-reply.ts";
import { LedgerUnreadable } from "../rest/ledger-reading.ts";
import { ApiProblem, problemReply } from "../rest/mount/api-problem.ts";
import { API } from "../rest/mount/mount-routes.ts";

/** Most restarts of a database take less time. A provider repeats a delivery after about 10 s. */
const RETRY_LATER = { "retry-after": "5" };

/** Turns errors that the routes throw into replies. An unknown error is a fault of the service: 5xx. */
export function errorHandler(alert: Alert): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const trace = traceOf(res);
    const requestFault = faultOfRequest(error);
    if (requestFault !== null) {
      trace.outcome = requestFault.outcome;
      return writeReply(res, requestFault.reply);
    }
    if (error instanceof NoRoom) {
      trace.outcome = "no_room";
      return writeReply(res, fault("unavailable", trace, RETRY_LATER));
    }
    const failed = errorFields(error);
    const ofDatabase = databaseFault(failed.code ?? "");
    const words = { fault: ofDatabase?.name, next: ofDatabase?.next };
    const fields = { id: trace.id, route: trace.route, ...failed, ...words };
    if (error instanceof LedgerUnavailable || error instanceof LedgerUnreadable) {
      trace.outcome = "unavailable";
      alert(error instanceof LedgerUnavailable ? "notBooked" : "notRead", fields);
      return writeReply(res, fault("unavailable", trace, RETRY_LATER));
    }
    trace.outcome = "failed";
    alert(error instanceof LedgerFault ? "notClaimed" : "unexpected", fields);
    writeReply(res, fault("unexpected", trace));
  };
}

const DETAILS = {
  unavailable: "The service cannot answer at the moment. Try again in a few seconds.",
  unexpected: "This is a fault of the service. If it happens again, report the id of the request.",
} as const;

/** The reply to a fault of the service. The REST API's reply has the form of its contract. */
function fault(
  code: "unavailable" | "unexpected",
  { id, route }: RequestTrace,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  if (route.startsWith(API))
    return problemReply(new ApiProblem(code, { headers, detail: DETAILS[code] }), id);
  return code === "unavailable"
    ? problem(503, "Service Unavailable", headers)
    : problem(500, "Internal Server Error", headers);
}

/**
 * The reply to an error that the sender can repair by changing or repeating the request; `null`: a fault of the
 * service.
 */
function faultOfRequest(error: unknown): { readonly outcome: string; readonly reply: Reply } | null {
  if (error instanceof BodyTooLarge)
    return { outcome: "too_large", reply: problem(413, "Content Too Large") };
  if (error instanceof BodyTooSlow) return { outcome: "too_slow", reply: problem(408, "Request Timeout") };
  if (error instanceof BodyAborted) return BAD_REQUEST;
  if (error instanceof AccountOverShare) {
    const later = { "retry-after": String(error.retryAfterSeconds) };
    return { outcome: "over_share", reply: problem(429, "Too Many Requests", later) };
  }
  // The router throws a URIError with this status if a path cannot be decoded.
  return error instanceof URIError && Reflect.get(error, "status") === 400 ? BAD_REQUEST : null;
}

const BAD_REQUEST = { outcome: "bad_request", reply: problem(400, "Bad Request") };
