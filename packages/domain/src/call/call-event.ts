import type { Json } from "../text/json.ts";
import type { Ending } from "./outcome.ts";
import type { Phase } from "./phase.ts";

/** Milliseconds since 1970-01-01T00:00:00Z, a whole number. */
export type Instant = number;

/** `unknown` is the absence of a fact, not a fourth direction. */
export const DIRECTIONS = ["inbound", "outbound", "web", "unknown"] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The type of an event that was read from a provider's API instead of being received. */
export const RECONCILED_TYPE = "reconciled-call";

/** The channels of recordings. `customer` and `assistant` hold one party alone. */
export const CHANNELS = ["mono", "stereo", "customer", "assistant"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Returns the channels among some words, in the order of `CHANNELS`. */
export function channelsNamed(words: readonly string[]): Channel[] {
  return CHANNELS.filter((channel) => words.includes(channel));
}

/**
 * Returns the channels whose recordings are kept, given the channels that a report names and the wanted ones. If the
 * report names none of the wanted ones, the first channel with both parties is kept. If it names no such channel, all
 * are kept. So each recorded call has a recording.
 */
export function channelsKept(named: readonly Channel[], wanted: readonly Channel[]): Channel[] {
  const found = CHANNELS.filter((channel) => named.includes(channel) && wanted.includes(channel));
  if (found.length > 0) return found;
  const whole = CHANNELS.find((channel) => named.includes(channel) && WITH_BOTH_PARTIES.includes(channel));
  return whole === undefined ? channelsNamed(named) : [whole];
}

const WITH_BOTH_PARTIES: readonly Channel[] = ["mono", "stereo"];

/**
 * What else a delivery names of whose call it is, after the first of each kind, in the order in which they count. Texts
 * are never empty, and none is there twice.
 */
export type AlsoNamed = {
  readonly agentIds: readonly string[];
  readonly phoneNumberIds: readonly string[];
  readonly ourNumbers: readonly string[];
};

/** The parties of a call as one delivery names them. Texts are never empty; numbers are as the provider writes them. */
export type CallFacts = {
  /** The provider's id of the agent. */
  readonly providerAgentId: string | null;
  /** The provider's id of our own number. */
  readonly providerPhoneNumberId: string | null;
  readonly ourNumber: string | null;
  /** `null`: nothing else. */
  readonly alsoNamed: AlsoNamed | null;
  readonly customerNumber: string | null;
  readonly customerName: string | null;
  /** The number or SIP address that the call is forwarded to. */
  readonly forwardedTo: string | null;
  /** When the message said that, if its time is in the event's identity. */
  readonly forwardedAt: Instant | null;
  /** The telephone carrier's id of the call (Twilio: call SID). */
  readonly carrierCallId: string | null;
  readonly direction: Direction;
};

/** The facts of a delivery that has none. */
export const NO_FACTS: CallFacts = {
  providerAgentId: null,
  providerPhoneNumberId: null,
  ourNumber: null,
  alsoNamed: null,
  customerNumber: null,
  customerName: null,
  forwardedTo: null,
  forwardedAt: null,
  carrierCallId: null,
  direction: "unknown",
};

export type TranscriptSegment = {
  /** The provider's word for the speaker. */
  readonly role: string;
  readonly text: string;
  /** Whether the role is the caller's. */
  readonly byCaller: boolean;
};

/** A recording as the report names it. `url` is its stable identity, without a signature; it may not be fetchable. */
export type RecordingLink = { readonly channel: Channel; readonly url: string };

/** The URL at which a recording can be fetched now. It is volatile, so no fingerprint and no merged column has it. */
export type RecordingSource = {
  readonly channel: Channel;
  /** `null`: the report says that there is a recording, but only the provider's API has its URL. */
  readonly url: string | null;
  readonly expiresAt: Instant | null;
};

/** The end-of-call document. `null`: this report does not have the fact. */
export type Report = {
  /**
   * `adopted`: from the tables of an older system; the merge trusts it less than any other source. `early`: from the
   * end of the call; any report of the provider wins over it, and the call still awaits one.
   */
  readonly source: "adopted" | "early" | "webhook" | "reconcile";
  /** The provider's last revision of the content. Never an envelope's time, because that differs in a redelivery. */
  readonly revisedAt: Instant | null;
  readonly transcript: string | null;
  readonly messages: Json | null;
  /** The caller's turns, counted in transcript and messages. It is derived from them, so no identity contains it. */
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
  /** The last number or SIP address that the call was forwarded to. */
  readonly forwardedTo: string | null;
  /** Other facts of the call: an object in the provider's words, bounded in size, without secrets. */
  readonly details: Json | null;
  readonly recordings: readonly RecordingLink[];
};

/** A report without any fact. */
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
  /** The provider's time of the event; `null` if the provider gives none. Never the receiver's clock. */
  readonly occurredAt: Instant | null;
};

type Shown = {
  /** Other parts of the message that the timeline shows, as those of an observation. No identity contains them. */
  readonly details?: Json;
};

/** One statement of a delivery about one call, provider-neutral. */
export type CallEvent =
  | (Said & Shown & { readonly kind: "call.progressed"; readonly phase: Exclude<Phase, "ended"> })
  | (Said & Shown & { readonly kind: "call.ended"; readonly ending: Ending | null })
  | (Said & {
      readonly kind: "call.reported";
      readonly report: Report;
      readonly sources: readonly RecordingSource[];
    })
  | (Said & { readonly kind: "call.transcribed"; readonly segment: TranscriptSegment })
  | (Said & {
      readonly kind: "call.observed";
      /** Distinguishes two observations of one type (a turn, a tool call). `null`: their times distinguish them. */
      readonly discriminator: string | null;
      /** The part that the timeline shows, in the provider's words, bounded in size, without secrets. */
      readonly details: Json | null;
    });

/** Returns whether an event can change a layer of the call. Observations appear in the timeline only. */
export function speaksOfState(event: CallEvent): boolean {
  return event.kind !== "call.observed";
}

/**
 * Returns the event's time if the merge may read it. Otherwise the time is not part of the event's identity, and the
 * result is `null`: the envelope time of a report differs in a redelivery, and a discriminator identifies an
 * observation without its time.
 */
export function mergedTime(event: CallEvent): Instant | null {
  if (event.kind === "call.reported") return null;
  if (event.kind === "call.observed" && event.discriminator !== null) return null;
  return event.occurredAt;
}
