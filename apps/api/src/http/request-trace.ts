import type { Response } from "express";

/** What one line of the log says of a request; filled in by whoever knows it. */
export type RequestTrace = {
  readonly id: string;
  /** The route's pattern, never the URL. */
  route: string;
  outcome: string | undefined;
  reason: string | undefined;
  /** The provider's name for the kind of delivery. */
  type: string | undefined;
  /** The id of the API key that was shown: who asked. */
  key: string | undefined;
  /** How many events the delivery has. */
  events: number | undefined;
};

const traces = new WeakMap<Response, RequestTrace>();

export function startTrace(res: Response, id: string): RequestTrace {
  const trace: RequestTrace = {
    id,
    route: "none",
    outcome: undefined,
    reason: undefined,
    type: undefined,
    key: undefined,
    events: undefined,
  };
  traces.set(res, trace);
  return trace;
}

/** The trace of a request that passed the request log. */
export function traceOf(res: Response): RequestTrace {
  return traces.get(res) ?? startTrace(res, "");
}
