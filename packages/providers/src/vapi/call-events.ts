import type { CallEvent, Phase, Report } from "@call-ledger/domain";
import {
  boundedDollars,
  boundedIdentifier,
  boundedSeconds,
  canonicalJson,
  SILENT_REPORT,
} from "@call-ledger/domain";
import { sha256 } from "../common/digest.ts";
import type { Spoken } from "./dialect.ts";
import { endingOf } from "./ended-reason.outcome.ts";
import { toolCallsOf } from "./question.ts";
import { recordingsOf } from "./recordings.ts";
import { reportOf } from "./report.ts";
import {
  believedCallSchema,
  reportSchema,
  statusUpdateSchema,
  transcriptSchema,
  turnSchema,
} from "./wire.schema.ts";

const PHASES: ReadonlyMap<string, Exclude<Phase, "ended">> = new Map([
  ["scheduled", "scheduled"],
  ["queued", "queued"],
  ["ringing", "ringing"],
  ["in-progress", "in_progress"],
  ["forwarding", "forwarding"],
]);

/** Parts that every message may carry: they describe the call, not what this message says. */
const SURROUNDINGS = new Set(["timestamp", "call", "assistant", "phoneNumber", "customer", "artifact"]);

const TRANSLATIONS: ReadonlyMap<string, (spoken: Spoken) => readonly CallEvent[]> = new Map([
  ["status-update", statusUpdate],
  ["end-of-call-report", endOfCallReport],
  ["transcript", transcript],
  ["call.started", callStarted],
  ["call.ended", callEnded],
  ["call.transcribed", transcript],
]);

/** What a message says of its call, at least one event; a type that is not known is an observation. */
export function callEventsOf(spoken: Spoken): readonly CallEvent[] {
  const translate = TRANSLATIONS.get(spoken.type);
  return translate === undefined ? [observed(spoken)] : translate(spoken);
}

function said({ type, occurredAt }: Spoken) {
  return { type, occurredAt };
}

function phaseOf(status: string | null): Exclude<Phase, "ended"> | undefined {
  return PHASES.get(status?.replaceAll("_", "-") ?? "");
}

function statusUpdate(spoken: Spoken): readonly CallEvent[] {
  const { status, endedReason } = statusUpdateSchema.parse(spoken.fields);
  if (status === "ended") return [{ ...said(spoken), kind: "call.ended", ending: endingOf(endedReason) }];
  const phase = phaseOf(status);
  return [phase === undefined ? observed(spoken) : { ...said(spoken), kind: "call.progressed", phase }];
}

function endOfCallReport(spoken: Spoken): readonly CallEvent[] {
  const wire = reportSchema.parse(spoken.fields);
  const own = reportOf(wire);
  const report = spoken.dialect === "flat" ? completedBy(own, thinReport(spoken)) : own;
  return [{ ...said(spoken), kind: "call.reported", report, sources: recordingsOf(wire).sources }];
}

function completedBy(report: Report, { costUsd, durationSeconds, ending }: Report): Report {
  return {
    ...report,
    costUsd: report.costUsd ?? costUsd,
    durationSeconds: report.durationSeconds ?? durationSeconds,
    ending: report.ending ?? ending,
  };
}

/** What the older names carry in `call`, which under them is no snapshot. */
function thinReport({ fields }: Spoken): Report {
  const { endedReason, call } = believedCallSchema.parse(fields);
  return {
    ...SILENT_REPORT,
    costUsd: boundedDollars(call.cost),
    durationSeconds: boundedSeconds(call.duration),
    ending: endingOf(endedReason ?? call.endedReason),
  };
}

function callStarted(spoken: Spoken): readonly CallEvent[] {
  const phase = phaseOf(believedCallSchema.parse(spoken.fields).call.status) ?? "ringing";
  return [{ ...said(spoken), kind: "call.progressed", phase }];
}

function callEnded(spoken: Spoken): readonly CallEvent[] {
  const report = thinReport(spoken);
  const ended: CallEvent = { ...said(spoken), kind: "call.ended", ending: report.ending };
  if (report.costUsd === null && report.durationSeconds === null) return [ended];
  return [ended, { ...said(spoken), kind: "call.reported", report, sources: [] }];
}

function transcript(spoken: Spoken): readonly CallEvent[] {
  const { message, role, transcript: text } = transcriptSchema.parse(spoken.fields);
  if (text === null) return [observed(spoken)];
  const segment = { role: message.role ?? role ?? "user", text };
  return [{ ...said(spoken), kind: "call.transcribed", segment }];
}

/** Told apart by its own id, else by its time, else by what it says. */
function observed(spoken: Spoken): CallEvent {
  const discriminator = ownIdOf(spoken) ?? (spoken.occurredAt === null ? contentOf(spoken) : null);
  return { ...said(spoken), kind: "call.observed", discriminator };
}

function ownIdOf(spoken: Spoken): string | null {
  if (spoken.type === "user-interrupted") return turnSchema.parse(spoken.fields).turnId;
  if (spoken.type !== "tool-calls") return null;
  const ids = toolCallsOf(spoken).map(({ id }) => id);
  return ids.length === 0 ? null : (boundedIdentifier(ids.join(",")) ?? sha256(ids.join(",")));
}

function contentOf({ fields }: Spoken): string {
  const own = Object.entries(fields).filter(([name]) => !SURROUNDINGS.has(name));
  return sha256(canonicalJson(Object.fromEntries(own)));
}
