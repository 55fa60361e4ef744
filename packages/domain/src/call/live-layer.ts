import { compareBytes, greaterText } from "../text/byte-order.ts";
import type { CallEvent, CallFacts, Direction, Instant } from "./call-event.ts";
import { mergedTime } from "./call-event.ts";
import type { Ending } from "./outcome.ts";
import { endingRank } from "./outcome.ts";
import type { Phase } from "./phase.ts";
import { laterPhase } from "./phase.ts";

/** The agent that an event points to, and how: `byId` is the provider's agent id, `byNumber` our own number. */
export type AgentSighting = {
  readonly agentId: string;
  readonly evidence: "byNumber" | "byId";
  readonly seenAt: Instant | null;
};

/** What the phase events of a call say: the row of `call_tracking`. */
export type LiveLayer = {
  /** The least provider account id that reported the call. */
  readonly accountId: string;
  readonly phase: Phase | null;
  readonly ringingAt: Instant | null;
  readonly answeredAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly ending: Ending | null;
  readonly agent: AgentSighting | null;
  readonly direction: Direction;
  readonly customerNumber: string | null;
  readonly ourNumber: string | null;
};

/** The contribution of one event to the live layer; every event contributes its facts. */
export function liveLayerOf(
  accountId: string,
  facts: CallFacts,
  agent: Omit<AgentSighting, "seenAt"> | null,
  event: CallEvent,
): LiveLayer {
  const at = mergedTime(event);
  const phase = event.kind === "call.progressed" ? event.phase : event.kind === "call.ended" ? "ended" : null;
  return {
    accountId,
    phase,
    ringingAt: phase === "ringing" ? at : null,
    answeredAt: phase === "in_progress" ? at : null,
    endedAt: phase === "ended" ? at : null,
    ending: event.kind === "call.ended" ? event.ending : null,
    agent: agent === null ? null : { ...agent, seenAt: at },
    direction: facts.direction,
    customerNumber: facts.customerNumber,
    ourNumber: facts.ourNumber,
  };
}

/** The join of two live layers: commutative, associative, idempotent. */
export function mergeLive(a: LiveLayer, b: LiveLayer): LiveLayer {
  return {
    accountId: compareBytes(a.accountId, b.accountId) <= 0 ? a.accountId : b.accountId,
    phase: laterPhase(a.phase, b.phase),
    ringingAt: earlier(a.ringingAt, b.ringingAt),
    answeredAt: earlier(a.answeredAt, b.answeredAt),
    endedAt: earlier(a.endedAt, b.endedAt),
    ending: strongerEnding(a.ending, b.ending),
    agent: strongerAgent(a.agent, b.agent),
    direction: knownDirection(a.direction, b.direction),
    customerNumber: greaterText(a.customerNumber, b.customerNumber),
    ourNumber: greaterText(a.ourNumber, b.ourNumber),
  };
}

function earlier(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null) return b;
  if (b === null) return a;
  return Math.min(a, b);
}

function knownDirection(a: Direction, b: Direction): Direction {
  if (a === "unknown") return b;
  if (b === "unknown") return a;
  return a >= b ? a : b;
}

/** By rank, then by the bytes of the reason, then of the outcome. */
function strongerEnding(a: Ending | null, b: Ending | null): Ending | null {
  if (a === null) return b;
  if (b === null) return a;
  const order =
    endingRank(a) - endingRank(b) ||
    compareBytes(a.reason ?? "", b.reason ?? "") ||
    compareBytes(a.outcome, b.outcome);
  return order >= 0 ? a : b;
}

/** By evidence, then the earliest sighting (an unknown time is the latest), then the greater id. */
function strongerAgent(a: AgentSighting | null, b: AgentSighting | null): AgentSighting | null {
  if (a === null) return b;
  if (b === null) return a;
  const order =
    Number(a.evidence === "byId") - Number(b.evidence === "byId") ||
    Math.sign((b.seenAt ?? Number.MAX_VALUE) - (a.seenAt ?? Number.MAX_VALUE)) ||
    compareBytes(a.agentId, b.agentId);
  return order >= 0 ? a : b;
}
