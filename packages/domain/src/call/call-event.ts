import type { Json } from "../text/json.ts";
import type { Ending } from "./outcome.ts";
import type { Phase } from "./phase.ts";

/** Milliseconds since 1970-01-01T00:00:00Z, a whole number. */
export type Instant = number;

/** `unknown` is the absence of a fact, not a fourth direction. */
export const DIRECTIONS = ["inbound", "outbound", "web", "unknown"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The type of an event that was read from a provider's API, and not received. */
export const RECONCILED_TYPE = "reconciled-call";

/** `customer` and `assistant`: one party alone. */
export const CHANNELS = ["mono", "stereo", "customer", "assistant"] as const;
export type Channel = (typeof CHANNELS)[number];

/** The channels among some words, in the domain's order. */
export function channelsNamed(words: readonly string[]): Channel[] {
  return CHANNELS.filter((channel) => words.includes(channel));
}

/**
 * Of which channels recordings are kept, given those that a report names and those that are wanted. Where none of the
 * wanted ones is named, the one that has both parties is kept, else all: no recorded call stays without a recording.
 */
export function channelsKept(named: readonly Channel[], wanted: readonly Channel[]): Channel[] {
  const found = CHANNELS.filter((channel) => named.includes(channel) && wanted.includes(channel));
  if (found.length > 0) return found;
  const whole = CHANNELS.find((channel) => named.includes(channel) && WITH_BOTH_PARTIES.includes(channel));
  return whole === undefined ? channelsNamed(named) : [whole];
}

const WITH_BOTH_PARTIES: readonly Channel[] = ["mono", "stereo"];

/** Who a call is between, as far as one delivery says. Texts are never empty; numbers are as the provider writes them. */
export type CallFacts = {
  /** The provider's id of the agent (Vapi: assistant). */
  readonly providerAgentId: string | null;
  /** The provider's id of our own number. */
  readonly providerPhoneNumberId: string | null;
  readonly ourNumber: string | null;
  readonly customerNumber: string | null;
  readonly customerName: string | null;
  /** The number or SIP address that the call is put through to. */
  readonly forwardedTo: string | null;
  /** The telephone carrier's id of the call (Twilio: call SID). */
  readonly carrierCallId: string | null;
  readonly direction: Direction;
};

/** Facts of a delivery that says none. */
export const NO_FACTS: CallFacts = {
  providerAgentId: null,
  providerPhoneNumberId: null,
  ourNumber: null,
  customerNumber: null,
  customerName: null,
  forwardedTo: null,
  carrierCallId: null,
  direction: "unknown",
};

export type TranscriptSegment = {
  /** The provider's word for who spoke. */
  readonly role: string;
  readonly text: string;
  /** Whether the role is the caller's. */
  readonly byCaller: boolean;
};

/** A recording as the report names it: `url` is stable (no signature in it) and identifies, it need not be fetchable. */
export type RecordingLink = { readonly channel: Channel; readonly url: string };

/** Where a recording can be fetched at the moment; volatile, so it is in no fingerprint and in no column under the law. */
export type RecordingSource = {
  readonly channel: Channel;
  /** `null`: the report says that there is a recording, and the provider's API alone has it. */
  readonly url: string | null;
  readonly expiresAt: Instant | null;
};

/** The end-of-call document. `null` is "this report does not say". */
export type Report = {
  /** `adopted`: from the tables of an older system, which is believed least. */
  readonly source: "adopted" | "webhook" | "reconcile";
  /** When the provider last revised the document's content; never the time of an envelope, which differs by redelivery. */
  readonly revisedAt: Instant | null;
  readonly transcript: string | null;
  readonly messages: Json | null;
  /** How often the caller spoke, as transcript and messages tell; it follows from them, so no identity has it. */
  readonly callerTurns: number | null;
  readonly summary: string | null;
  readonly analysis: Json | null;
  /** Dollars. */
  readonly costUsd: number | null;
  readonly costBreakdown: Json | null;
  readonly startedAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly ending: Ending | null;
  /** The provider's own number, whole seconds. */
  readonly durationSeconds: number | null;
  /** The number or SIP address that the call was put through to, in the end. */
  readonly forwardedTo: string | null;
  /** What else is known of the call: an object in the provider's words, bounded, without secrets. */
  readonly details: Json | null;
  readonly recordings: readonly RecordingLink[];
};

/** A report that says nothing. */
export const SILENT_REPORT: Report = {
  source: "webhook",
  revisedAt: null,
  transcript: null,
  messages: null,
  callerTurns: null,
  summary: null,
  analysis: null,
  costUsd: null,
  costBreakdown: null,
  startedAt: null,
  endedAt: null,
  ending: null,
  durationSeconds: null,
  forwardedTo: null,
  details: null,
  recordings: [],
};

type Said = {
  /** The provider's own name for what happened, for the timeline. */
  readonly type: string;
  /** The provider's time of it; `null` where the provider gives none. Never the receiver's clock. */
  readonly occurredAt: Instant | null;
};

/** What a delivery says of one call, provider-neutral. */
export type CallEvent =
  | (Said & { readonly kind: "call.progressed"; readonly phase: Exclude<Phase, "ended"> })
  | (Said & { readonly kind: "call.ended"; readonly ending: Ending | null })
  | (Said & {
      readonly kind: "call.reported";
      readonly report: Report;
      readonly sources: readonly RecordingSource[];
    })
  | (Said & { readonly kind: "call.transcribed"; readonly segment: TranscriptSegment })
  | (Said & {
      readonly kind: "call.observed";
      /** What tells two observations of one type apart (a turn, a tool call); `null`: their time does. */
      readonly discriminator: string | null;
      /** What the timeline keeps of it, in the provider's words, bounded, without secrets. */
      readonly details: Json | null;
    });

/** Whether an event can change a layer of the call; observations only stand in the timeline. */
export function speaksOfState(event: CallEvent): boolean {
  return event.kind !== "call.observed";
}

/**
 * The event's time as far as the merge may read it. It is `null` where the time is not part of the event's identity:
 * a report's envelope time differs by redelivery, and a discriminated observation is told apart without it.
 */
export function mergedTime(event: CallEvent): Instant | null {
  if (event.kind === "call.reported") return null;
  if (event.kind === "call.observed" && event.discriminator !== null) return null;
  return event.occurredAt;
}
