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

/** Storage paths of the recordings that are stored, by channel. */
export type StoredRecordings = Readonly<Partial<Record<Channel, string>>>;

/** What lists and dashboards read: the row of `calls`. */
export type Summary = {
  readonly accountId: string;
  readonly agentId: string | null;
  readonly direction: Direction;
  readonly customerNumber: string | null;
  readonly customerName: string | null;
  /** The report's word, else what the events say. */
  readonly forwardedTo: string | null;
  readonly carrierCallId: string | null;
  readonly phase: Phase | null;
  /** `null` while the call has not ended. */
  readonly outcome: Outcome | null;
  readonly endedReason: string | null;
  /** How often the caller spoke, at least; `null` before the end, and if nothing tells. */
  readonly callerTurns: number | null;
  /** Without the marks that depend on the clock. */
  readonly attention: readonly AttentionMark[];
  /** No report was booked yet. */
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

/** The summary of a call: a pure function of the two other layers and of the stored recordings. */
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
    awaitsReport: report.version === null,
    startedAt: startedAt?.value ?? null,
    endedAt: endedAt?.value ?? null,
    durationSeconds: durationOf(startedAt, endedAt, report.durationSeconds?.value ?? null),
    costUsd: report.costUsd?.value ?? null,
    recordingStoragePath: CHANNELS.flatMap((channel) => stored[channel] ?? [])[0] ?? null,
  };
}

/** A final transcript of the caller is one turn at least, whatever the reports list. */
function callerTurnsOf({ callerHeard }: LiveLayer, report: ReportLayer): number | null {
  const told = report.callerTurns?.value ?? null;
  return callerHeard ? Math.max(1, told ?? 0) : told;
}

/** The report's word, unless it does not know the outcome and the live layer does. */
function decidingEnding(live: Ending | null, report: Ending | null): Ending | null {
  if (report === null) return live;
  return report.outcome === "unknown" && live !== null && live.outcome !== "unknown" ? live : report;
}

type Time = Versioned<Instant> | null;

/** The report's word, unless the live layer has it from whom is trusted more. */
function decidingTime(live: Time, report: Time): Time {
  if (live === null || report === null) return report ?? live;
  return sourceOf(report.version) >= sourceOf(live.version) ? report : live;
}

/** Between the provider's own times; where one of them is another's, who may have none but an arrival's, the given number. */
function durationOf(start: Time, end: Time, given: number | null): number | null {
  const between = secondsBetween(start?.value ?? null, end?.value ?? null);
  const areProviders = [start, end].every(
    (time) => time !== null && sourceOf(time.version) === SOURCE.provider,
  );
  return areProviders ? (between ?? given) : (given ?? between);
}

/** Rounded half up; `null` where a time is missing or the end lies before the start. */
function secondsBetween(start: Instant | null, end: Instant | null): number | null {
  if (start === null || end === null || end < start) return null;
  return Math.min(Math.round((end - start) / 1000), MAX_INT4);
}
