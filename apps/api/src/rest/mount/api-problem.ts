import { STATUS_CODES } from "node:http";
import type { ProblemCode } from "@call-ledger/contract/values";
import type { Reply } from "../../http/reply.ts";

const PROBLEM_STATUS: Readonly<Record<ProblemCode, number>> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  missing_scope: 403,
  cross_site_request: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  conflict: 409,
  idempotency_conflict: 409,
  gone: 410,
  link_used: 410,
  link_expired: 410,
  too_slow: 408,
  too_large: 413,
  unsupported_media_type: 415,
  too_many_requests: 429,
  recording_pending: 409,
  recording_failed: 409,
  recording_expired: 410,
  no_recording: 404,
  no_peaks: 404,
  stored_elsewhere: 409,
  unexpected: 500,
  unavailable: 503,
};

export type FieldFault = { readonly field: string; readonly detail: string };

export type ProblemParts = {
  /** What is wrong, and what to do. */
  readonly detail?: string;
  readonly errors?: readonly FieldFault[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Members that the document has in addition to those of every problem. */
  readonly members?: Readonly<Record<string, string | null>>;
};

/** Any code that answers a request may throw it. `mountRoutes` turns it into a problem document. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly code: ProblemCode;
  readonly parts: ProblemParts;

  constructor(code: ProblemCode, parts: ProblemParts = {}) {
    super(code);
    this.code = code;
    this.parts = parts;
  }
}

/** The document of a problem (RFC 9457), as the contract's `problemSchema` describes it. */
export function problemReply({ code, parts }: ApiProblem, requestId: string): Reply {
  const status = PROBLEM_STATUS[code];
  const { detail, errors, headers, members } = parts;
  return {
    status,
    headers: { ...headers, "content-type": "application/problem+json" },
    body: {
      type: "about:blank",
      title: STATUS_CODES[status] ?? "",
      status,
      code,
      ...(detail === undefined ? {} : { detail }),
      ...(errors === undefined ? {} : { errors }),
      ...members,
      request_id: requestId,
    },
  };
}
