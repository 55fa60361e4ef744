import type { AttentionMark } from "./attention.ts";
import type { Channel, Direction, Instant } from "./call-event.ts";
import { CHANNELS } from "./call-event.ts";
import type { LiveLayer } from "./live-layer.ts";
import type { Ending, Outcome } from "./outcome.ts";
import { isOfSilence, outcomeOfEnding } from "./outcome.ts";
import type { Phase } from "./phase.ts";
import type { ReportLayer } from "./report-layer.ts";
import type { Versioned } from "./versioned.ts";
import { SOURCE, sourceOf } from "./versioned.ts";

/** The storage paths of the stored recordings, by channel. */
export type StoredRecordings = Readonly<Partial<Record<Channel, string>>>;

/** The summary of a call, which lists and dashboards read: the row of `calls`. */
export type Summary = {
  readonly accountId: string;
  readonly agentId: string | null;
  readonly direction: Direction;
  readonly customerNumber: string | null;
  readonly customerName: string | null;
  /** From the report if it has the fact, else from the events. */
  readonly forwardedTo: string | null;
  readonly carrierCallId: string | null;
  readonly phase: Phase | null;
  /** `null` while the call has not ended. */
  readonly outcome: Outcome | null;
  readonly endedReason: string | null;
  /** The lower bound of the caller's turns; `null` before the end, and if no delivery has it. */
  readonly callerTurns: number | null;
  /** Without the marks that depend on the clock. */
  readonly attention: readonly AttentionMark[];
  /** No report was booked yet. The end of a call is no report. */
  readonly awaitsReport: boolean;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  /** Whole seconds. */
  readonly durationSeconds: number | null;
  /** Dollars. */
  readonly costUsd: number | null;
  readonly recordingStoragePath: string | null;
};

const MAX_INT4 = 2_147_483_647;

/** Returns the summary of a call: a pure function of the two other layers and of the stored recordings. */
export function summarize(live: LiveLayer, report: ReportLayer, stored: StoredRecordings): Summary {
  const phase = report.version === null ? live.phase : "ended";
  const ending = decidingEnding(live.ending, report.ending?.value ?? null);
  const callerTurns = phase === "ended" ? callerTurnsOf(live, report) : null;
  const word = ending?.outcome ?? "unknown";
  const startedAt = decidingTime(live.answeredAt, report.startedAt);
  const endedAt = decidingTime(live.endedAt, report.endedAt);
  return {
    accountId: live.accountId,
    agentId: live.agent?.value.agentId ?? null,
    direction: live.direction?.value ?? "unknown",
    customerNumber: live.customerNumber?.value ?? null,
    customerName: live.customerName?.value ?? null,
    forwardedTo: (report.forwardedTo ?? live.forwardedTo)?.value ?? null,
    carrierCallId: live.carrierCallId?.value ?? null,
    phase,
    outcome: phase === "ended" ? outcomeOfEnding(word, callerTurns) : null,
    endedReason: ending?.reason ?? null,
    callerTurns,
    attention: phase === "ended" && isOfSilence(word, callerTurns) ? ["no_caller_speech"] : [],
    awaitsReport: report.version === null || sourceOf(report.version) === SOURCE.early,
    startedAt: startedAt?.value ?? null,
    endedAt: endedAt?.value ?? null,
    durationSeconds: durationOf(startedAt, endedAt, report.durationSeconds?.value ?? null),
    costUsd: report.costUsd?.value ?? null,
    recordingStoragePath: CHANNELS.flatMap((channel) => stored[channel] ?? [])[0] ?? null,
  };
}

/** A final transcript of the caller counts as one turn, even if the reports have none. */
function callerTurnsOf({ callerHeard }: LiveLayer, report: ReportLayer): number | null {
  const reported = report.callerTurns?.value ?? null;
  return callerHeard ? Math.max(1, reported ?? 0) : reported;
}

/** The report's ending, unless its outcome is unknown and that of the live layer is known. */
function decidingEnding(live: Ending | null, report: Ending | null): Ending | null {
  if (report === null) return live;
  return report.outcome === "unknown" && live !== null && live.outcome !== "unknown" ? live : report;
}

type Time = Versioned<Instant> | null;

/** The report's time, unless the time of the live layer has a source that is trusted more. */
function decidingTime(live: Time, report: Time): Time {
  if (live === null || report === null) return report ?? live;
  return sourceOf(report.version) >= sourceOf(live.version) ? report : live;
}

/**
 * Prefers the seconds between the two times if both are the provider's own. Otherwise prefers the given duration,
 * because a time of another source may be that of an arrival.
 */
function durationOf(start: Time, end: Time, given: number | null): number | null {
  const between = secondsBetween(start?.value ?? null, end?.value ?? null);
  const areProviders = [start, end].every(
    (time) => time !== null && sourceOf(time.version) === SOURCE.provider,
  );
  return areProviders ? (between ?? given) : (given ?? between);
}

/** Whole seconds, rounded half up; `null` if a time is missing or the end is before the start. */
function secondsBetween(start: Instant | null, end: Instant | null): number | null {
  if (start === null || end === null || end < start) return null;
  return Math.min(Math.round((end - start) / 1000), MAX_INT4);
}
