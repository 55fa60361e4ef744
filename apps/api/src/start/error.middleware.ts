import { AccountOverShare, LedgerFault, LedgerUnavailable } from "@call-ledger/ingest";
import type { Alert } from "@call-ledger/process";
import { errorFields } from "@call-ledger/process";
import type { ErrorRequestHandler } from "express";
import type { Reply } from "../http/reply.ts";
import { problem } from "../http/reply.ts";
import { traceOf } from "../http/request-trace.ts";
import { writeReply } from "../http/write-reply.ts";
import { LedgerUnreadable } from "../rest/access-ports.ts";
import { BodyTooLarge } from "../webhooks/delivery-body.middleware.ts";

/** By then most restarts of a database are over; Vapi's own retries come at up to 10 s. */
const RETRY_AFTER_SECONDS = "5";

/** Turns every error into a status; no other code does. A fault of the service is a 5xx, whatever was thrown. */
export function errorHandler(alert: Alert): ErrorRequestHandler {
  return (error: unknown, _req, res, _next) => {
    const trace = traceOf(res);
    const requestFault = faultOfRequest(error);
    if (requestFault !== null) {
      trace.outcome = requestFault.outcome;
      return writeReply(res, requestFault.reply);
    }
    const fields = { id: trace.id, route: trace.route, ...errorFields(error) };
    if (error instanceof LedgerUnavailable || error instanceof LedgerUnreadable) {
      trace.outcome = "unavailable";
      alert(error instanceof LedgerUnavailable ? "notBooked" : "notRead", fields);
      return writeReply(res, problem(503, "Service Unavailable", { "retry-after": RETRY_AFTER_SECONDS }));
    }
    trace.outcome = "failed";
    alert(error instanceof LedgerFault ? "notClaimed" : "unexpected", fields);
    writeReply(res, problem(500, "Internal Server Error"));
  };
}

/** The faults of a request: those that express and its body parser name, and an account that sends too much at once. */
function faultOfRequest(error: unknown): { readonly outcome: string; readonly reply: Reply } | null {
  if (error instanceof BodyTooLarge) return TOO_LARGE;
  if (error instanceof AccountOverShare) return OVER_SHARE;
  switch (fieldOf(error, "type")) {
    case "entity.too.large":
      return TOO_LARGE;
    case "request.aborted":
    case "request.size.invalid":
      return BAD_REQUEST;
  }
  // A path that cannot be decoded: the router throws it with the status.
  return error instanceof URIError && fieldOf(error, "status") === 400 ? BAD_REQUEST : null;
}

const TOO_LARGE = { outcome: "too large", reply: problem(413, "Content Too Large") };
const OVER_SHARE = {
  outcome: "over share",
  reply: problem(429, "Too Many Requests", { "retry-after": RETRY_AFTER_SECONDS }),
};
const BAD_REQUEST = { outcome: "bad request", reply: problem(400, "Bad Request") };

function fieldOf(error: unknown, field: string): unknown {
  return error instanceof Error ? Reflect.get(error, field) : undefined;
}
