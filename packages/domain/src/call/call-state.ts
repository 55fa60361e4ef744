import type { CallEvent, CallFacts, Report } from "./call-event.ts";
import type { AgentSighting, LiveLayer } from "./live-layer.ts";
import { liveLayerOf, mergeLive } from "./live-layer.ts";
import type { ReportLayer } from "./report-layer.ts";
import { mergeReports, NO_REPORT, reportLayerOf } from "./report-layer.ts";
import type { Digest } from "./report-version.ts";
import { reportVersion } from "./report-version.ts";
import { SOURCE, sourceOf } from "./versioned.ts";

/** An event as the merge takes it: with the account that received it, and the agent that was found for it. */
export type BookableEvent = {
  readonly accountId: string;
  readonly facts: CallFacts;
  readonly agent: Omit<AgentSighting, "seenAt"> | null;
  readonly event: CallEvent;
  /** The source of the event: a letter of `SOURCE`; for a caller of the SQL API, the caller's clock follows it. */
  readonly source: string;
};

/** Both layers of one call. The SQL twin is the function `record_deliveries`; a parity test compares the two. */
export type CallState = { readonly live: LiveLayer; readonly report: ReportLayer };

/** Returns the state that one event alone describes. */
export function stateOf(bookable: BookableEvent, digest: Digest): CallState {
  const { accountId, facts, agent, event, source } = bookable;
  const report =
    event.kind === "call.reported"
      ? reportLayerOf(event.report, versionBySource(event.report, source, digest))
      : NO_REPORT;
  return { live: liveLayerOf(accountId, facts, agent, event, source), report };
}

/** Reports of a caller of the SQL API are ordered by the caller's clock, all other reports by their content. */
function versionBySource(report: Report, source: string, digest: Digest): string {
  return sourceOf(source) === SOURCE.caller ? source : reportVersion(report, digest);
}

/** Returns the join of two states of one call. Any order, repetition and grouping gives the same state. */
export function mergeStates(a: CallState, b: CallState): CallState {
  return { live: mergeLive(a.live, b.live), report: mergeReports(a.report, b.report) };
}
