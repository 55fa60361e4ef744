import type { CallEvent, CallFacts } from "./call-event.ts";
import type { AgentSighting, LiveLayer } from "./live-layer.ts";
import { liveLayerOf, mergeLive } from "./live-layer.ts";
import type { ReportLayer } from "./report-layer.ts";
import { mergeReports, NO_REPORT, reportLayerOf } from "./report-layer.ts";
import type { Digest } from "./report-version.ts";
import { reportVersion } from "./report-version.ts";

/** An event as it is merged: with the account it came over and the agent that it was found to point to. */
export type BookableEvent = {
  readonly accountId: string;
  readonly facts: CallFacts;
  readonly agent: Omit<AgentSighting, "seenAt"> | null;
  readonly event: CallEvent;
};

/** Both layers of one call. The SQL twin is the function `record_deliveries`; a parity test holds them together. */
export type CallState = { readonly live: LiveLayer; readonly report: ReportLayer };

/** What one event says, as a state. */
export function stateOf(bookable: BookableEvent, digest: Digest): CallState {
  const { accountId, facts, agent, event } = bookable;
  const report =
    event.kind === "call.reported"
      ? reportLayerOf(event.report, reportVersion(event.report, digest))
      : NO_REPORT;
  return { live: liveLayerOf(accountId, facts, agent, event), report };
}

/** The join of two states of one call: any order, any repetition, any grouping gives the same state. */
export function mergeStates(a: CallState, b: CallState): CallState {
  return { live: mergeLive(a.live, b.live), report: mergeReports(a.report, b.report) };
}
