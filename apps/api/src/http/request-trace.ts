import type { IngestStep } from "@call-ledger/ingest";
import type { Response } from "express";

/** Facts about one request, for its log line, the metrics and traces. The part that learns a fact fills it in. */
export type RequestTrace = {
  readonly id: string;
  provider: string | undefined;
  /** The id of the provider account that a delivery belongs to, once it is known. */
  account: string | undefined;
  /** The route's pattern, never the URL. */
  route: string;
  outcome: string | undefined;
  reason: string | undefined;
  /** The provider's id of the call that a delivery is about; not for the log. */
  call: string | null;
  /** The length of the body that the sender declares. */
  bytes: number | null;
  /** The provider's name for the kind of delivery. */
  type: string | undefined;
  /** The id of the API key that the request was sent with. */
  key: string | undefined;
  /** How many events the delivery has. */
  events: number | undefined;
  /** The id of the delivery's first event; not for the log. */
  event: string | null;
  /** When a step was over, in milliseconds since the process began. */
  readonly ended: Partial<Record<IngestStep, number>>;
};

/** A request that is over; times in milliseconds since the process began. */
export type FinishedRequest = {
  readonly trace: RequestTrace;
  /** `null`: the sender went away before it had an answer. */
  readonly status: number | null;
  readonly startedAt: number;
  readonly endedAt: number;
};

/** The outcome of a delivery, as a name for metrics and traces. */
export function outcomeOf({ trace, status }: FinishedRequest): string {
  if (status === null) return "aborted";
  return trace.outcome ?? "rejected";
}

/** The allowed form of a delivery's kind, which the provider names. A kind of another form is never repeated. */
const KIND = /^[A-Za-z][\w.-]{0,63}$/;

/** The kind of a delivery in a form that is safe for logs and metrics. */
export function kindOf({ type }: RequestTrace): string | undefined {
  return type !== undefined && !KIND.test(type) ? "other" : type;
}

const traces = new WeakMap<Response, RequestTrace>();

export function startTrace(res: Response, id: string): RequestTrace {
  const trace: RequestTrace = {
    id,
    provider: undefined,
    account: undefined,
    route: "none",
    outcome: undefined,
    reason: undefined,
    call: null,
    bytes: null,
    type: undefined,
    key: undefined,
    events: undefined,
    event: null,
    ended: {},
  };
  traces.set(res, trace);
  return trace;
}

/** The trace of a request that passed the request log. */
export function traceOf(res: Response): RequestTrace {
  return traces.get(res) ?? startTrace(res, "");
}
