import { compareBytes } from "../text/byte-order.ts";
import type { CallEvent, CallFacts, Direction, Instant } from "./call-event.ts";
import { mergedTime } from "./call-event.ts";
import type { Ending } from "./outcome.ts";
import { endingRank } from "./outcome.ts";
import type { Phase } from "./phase.ts";
import { laterPhase } from "./phase.ts";
import { telephoneRank } from "./telephone-number.ts";
import type { Versioned } from "./versioned.ts";
import { greaterVersioned } from "./versioned.ts";

/** The agent of an event. `evidence` says how it was found: by the provider's agent id, or by our own number. */
export type AgentSighting = {
  readonly agentId: string;
  readonly evidence: "byNumber" | "byId";
  readonly seenAt: Instant | null;
};

/** The facts of a call's events: the row of `call_tracking`. The version of a fact is that of the event's source. */
export type LiveLayer = {
  /** The least id, by bytes, of the provider accounts that reported the call. */
  readonly accountId: string;
  readonly phase: Phase | null;
  readonly ringingAt: Versioned<Instant> | null;
  readonly answeredAt: Versioned<Instant> | null;
  readonly endedAt: Versioned<Instant> | null;
  readonly ending: Ending | null;
  /** A final transcript has words of the caller. */
  readonly callerHeard: boolean;
  readonly agent: Versioned<AgentSighting> | null;
  readonly direction: Versioned<Direction> | null;
  readonly customerNumber: Versioned<string> | null;
  readonly ourNumber: Versioned<string> | null;
  readonly customerName: Versioned<string> | null;
  readonly forwardedTo: Versioned<string> | null;
  readonly carrierCallId: Versioned<string> | null;
};

/**
 * Returns the contribution of one event to the live layer. Every event contributes its facts.
 * `version` is the event's source: a letter of `SOURCE`; for a caller of the SQL API, the caller's clock follows it.
 */
export function liveLayerOf(
  accountId: string,
  facts: CallFacts,
  agent: Omit<AgentSighting, "seenAt"> | null,
  event: CallEvent,
  version: string,
): LiveLayer {
  const at = mergedTime(event);
  const phase = phaseSaid(event);
  const versioned = <T>(value: T | null) => (value === null ? null : { version, value });
  return {
    accountId,
    phase,
    ringingAt: versioned(phase === "ringing" ? at : null),
    answeredAt: versioned(phase === "in_progress" ? at : null),
    endedAt: versioned(phase === "ended" ? at : null),
    ending: event.kind === "call.ended" ? event.ending : null,
    callerHeard: event.kind === "call.transcribed" && event.segment.byCaller,
    agent: versioned(agent === null ? null : { ...agent, seenAt: at }),
    direction: versioned(facts.direction === "unknown" ? null : facts.direction),
    customerNumber: versioned(facts.customerNumber),
    ourNumber: versioned(facts.ourNumber),
    customerName: versioned(facts.customerName),
    forwardedTo:
      facts.forwardedTo === null
        ? null
        : { version: forwardingVersion(version, facts.forwardedAt), value: facts.forwardedTo },
    carrierCallId: versioned(facts.carrierCallId),
  };
}

/** Of two destinations the later one counts: the version of the source is followed by 13 digits, milliseconds. */
function forwardingVersion(source: string, at: Instant | null): string {
  return at === null ? source : source + String(at).padStart(13, "0");
}

/** A report means that the call has ended, even if no event of its end has come. */
function phaseSaid(event: CallEvent): Phase | null {
  if (event.kind === "call.progressed") return event.phase;
  return event.kind === "call.ended" || event.kind === "call.reported" ? "ended" : null;
}

/** Returns the join of two live layers. The join is commutative, associative and idempotent. */
export function mergeLive(a: LiveLayer, b: LiveLayer): LiveLayer {
  return {
    accountId: compareBytes(a.accountId, b.accountId) <= 0 ? a.accountId : b.accountId,
    phase: laterPhase(a.phase, b.phase),
    ringingAt: greaterVersioned(a.ringingAt, b.ringingAt, { last: earlier }),
    answeredAt: greaterVersioned(a.answeredAt, b.answeredAt, { last: earlier }),
    endedAt: greaterVersioned(a.endedAt, b.endedAt, { last: earlier }),
    ending: strongerEnding(a.ending, b.ending),
    callerHeard: a.callerHeard || b.callerHeard,
    agent: greaterVersioned(a.agent, b.agent, { first: byId, last: seenEarlier }),
    direction: greaterVersioned(a.direction, b.direction, { last: compareBytes }),
    customerNumber: greaterVersioned(a.customerNumber, b.customerNumber, {
      first: telephoneFirst,
      last: compareBytes,
    }),
    ourNumber: greaterVersioned(a.ourNumber, b.ourNumber, { first: telephoneFirst, last: compareBytes }),
    customerName: greaterVersioned(a.customerName, b.customerName, { last: compareBytes }),
    forwardedTo: greaterVersioned(a.forwardedTo, b.forwardedTo, { last: telephoneThenBytes }),
    carrierCallId: greaterVersioned(a.carrierCallId, b.carrierCallId, { last: compareBytes }),
  };
}

function earlier(a: Instant, b: Instant): number {
  return b - a;
}

/** A telephone number is worth more than a SIP address or a word such as `anonymous`. */
function telephoneFirst(a: string, b: string): number {
  return telephoneRank(a) - telephoneRank(b);
}

function telephoneThenBytes(a: string, b: string): number {
  return telephoneFirst(a, b) || compareBytes(a, b);
}

/** Compares by rank, then by the bytes of the reason, then by the bytes of the outcome. */
function strongerEnding(a: Ending | null, b: Ending | null): Ending | null {
  if (a === null) return b;
  if (b === null) return a;
  const order =
    endingRank(a) - endingRank(b) ||
    compareBytes(a.reason ?? "", b.reason ?? "") ||
    compareBytes(a.outcome, b.outcome);
  return order >= 0 ? a : b;
}

function byId(a: AgentSighting, b: AgentSighting): number {
  return Number(a.evidence === "byId") - Number(b.evidence === "byId");
}

/** Prefers the earlier sighting (an unknown time counts as the latest), then the greater id. */
function seenEarlier(a: AgentSighting, b: AgentSighting): number {
  return (
    Math.sign((b.seenAt ?? Number.MAX_VALUE) - (a.seenAt ?? Number.MAX_VALUE)) ||
    compareBytes(a.agentId, b.agentId)
  );
}
