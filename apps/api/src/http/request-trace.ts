import type { IngestStep } from "@call-ledger/ingest";
import type { Response } from "express";

/** What one line of the log says of a request; filled in by whoever knows it. */
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
  /** Of the body, as the sender says. */
  bytes: number | null;
  /** The provider's name for the kind of delivery. */
  type: string | undefined;
  /** The id of the API key that was shown: who asked. */
  key: string | undefined;
  /** How many events the delivery has. */
  events: number | undefined;
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

/** What became of a delivery, as metrics, traces and people name it. */
export function outcomeOf({ trace, status }: FinishedRequest): string {
  if (status === null) return "aborted";
  return (trace.outcome ?? "rejected").replaceAll(" ", "_");
}

/** Kinds of deliveries are the provider's words; one that looks like something else is not repeated. */
const KIND = /^[A-Za-z][\w.-]{0,63}$/;

/** The kind of a delivery as it may be written down. */
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
    ended: {},
  };
  traces.set(res, trace);
  return trace;
}

/** The trace of a request that passed the request log. */
export function traceOf(res: Response): RequestTrace {
  return traces.get(res) ?? startTrace(res, "");
}
