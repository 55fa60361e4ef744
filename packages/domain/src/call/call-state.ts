import type { CallEvent, CallFacts, Report } from "./call-event.ts";
import type { AgentSighting, LiveLayer } from "./live-layer.ts";
import { liveLayerOf, mergeLive } from "./live-layer.ts";
import type { ReportLayer } from "./report-layer.ts";
import { mergeReports, NO_REPORT, reportLayerOf } from "./report-layer.ts";
import type { Digest } from "./report-version.ts";
import { reportVersion } from "./report-version.ts";
import { SOURCE, sourceOf } from "./versioned.ts";

/** An event as it is merged: with the account it came over and the agent that it was found to point to. */
export type BookableEvent = {
  readonly accountId: string;
  readonly facts: CallFacts;
  readonly agent: Omit<AgentSighting, "seenAt"> | null;
  readonly event: CallEvent;
  /** Whose word the event is: a letter of `SOURCE`, and of a caller of the SQL API the caller's clock after it. */
  readonly source: string;
};

/** Both layers of one call. The SQL twin is the function `record_deliveries`; a parity test holds them together. */
export type CallState = { readonly live: LiveLayer; readonly report: ReportLayer };

/** What one event says, as a state. */
export function stateOf(bookable: BookableEvent, digest: Digest): CallState {
  const { accountId, facts, agent, event, source } = bookable;
  const report =
    event.kind === "call.reported"
      ? reportLayerOf(event.report, versionBySource(event.report, source, digest))
      : NO_REPORT;
  return { live: liveLayerOf(accountId, facts, agent, event, source), report };
}

/** A caller's clock orders what the caller says; everybody else's reports are ordered by what they say. */
function versionBySource(report: Report, source: string, digest: Digest): string {
  return sourceOf(source) === SOURCE.caller ? source : reportVersion(report, digest);
}

/** The join of two states of one call: any order, any repetition, any grouping gives the same state. */
export function mergeStates(a: CallState, b: CallState): CallState {
  return { live: mergeLive(a.live, b.live), report: mergeReports(a.report, b.report) };
}
