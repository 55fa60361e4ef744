import type { Instant } from "@call-ledger/domain";
import type { Spoken } from "./recording/spoken.ts";

export const SIMULATED_DIRECTIONS = ["inbound", "outbound", "web"] as const;
export type SimulatedDirection = (typeof SIMULATED_DIRECTIONS)[number];

export const SIMULATED_OUTCOMES = [
  "completed",
  "no_answer",
  "busy",
  "voicemail",
  "forwarded",
  "canceled",
  "failed",
] as const;
export type SimulatedOutcome = (typeof SIMULATED_OUTCOMES)[number];

/** One HTTP body as the provider sends it. */
export type SimulatedDelivery = {
  /** The provider's name for the kind of message. */
  readonly type: string;
  /** A detail beside the type (a status, the speaker); `null` if the type is enough. */
  readonly detail: string | null;
  /** JSON text. */
  readonly body: string;
  /** The time at which the provider sends the delivery for the first time. */
  readonly atMs: Instant;
};

/** The deliveries of a call, in the order of the events. */
export type ProviderCall = {
  readonly endedReason: string;
  readonly costUsd: number;
  readonly ourNumber: string | null;
  readonly deliveries: readonly SimulatedDelivery[];
};

/** A whole call as a provider sends it, and the facts that a ledger has to conclude. */
export type SimulatedCall = ProviderCall & {
  readonly callId: string;
  readonly direction: SimulatedDirection;
  readonly outcome: SimulatedOutcome;
  /** The time of the answer; `null`: the call was not answered. */
  readonly answeredAt: Instant | null;
  readonly endedAt: Instant;
  readonly customerNumber: string | null;
  /** Who speaks when, in seconds from the answer. */
  readonly spoken: readonly Spoken[];
};

export type SimulationOptions = {
  /** Equal options make equal calls, byte by byte. */
  readonly seed: string | number;
  /** The provider's id of the agent. */
  readonly assistantId: string;
  /** The time at which the call is created, in milliseconds. */
  readonly startedAt: Instant;
  /**
   * Moves the whole call, so that its report is ready at this time. The rest of the call is that of `startedAt`.
   * Default: the call is not moved.
   */
  readonly reportedAt?: Instant | undefined;
  /** The name of the provider. Default: the registry's default provider. */
  readonly provider?: string | undefined;
  /** Whether the deliveries have the provider's older form, without an envelope. Default: false. */
  readonly flat?: boolean | undefined;
  /** Default: a direction that fits the outcome, drawn with the seed. */
  readonly direction?: SimulatedDirection | undefined;
  /** Default: an outcome that fits the direction, drawn with the seed. */
  readonly outcome?: SimulatedOutcome | undefined;
  /**
   * The number of times that either side speaks in an answered call, 2 to 200. Default: 4 to 60, drawn with the seed.
   */
  readonly turns?: number | undefined;
  /** Whether the call is a short, meaningful conversation, always the same, for people to look at. Default: false. */
  readonly sample?: boolean | undefined;
  /**
   * Whether messages are included that are sent many times a second: speech and conversation updates. Default: false.
   */
  readonly chatter?: boolean | undefined;
  /** Our own number, E.164. Default: a fictitious one, the same for every call of the assistant. */
  readonly ourNumber?: string | undefined;
  /** The provider's id of our number. Default: like `ourNumber`. */
  readonly phoneNumberId?: string | undefined;
  /** Scheme and host of the recordings' URLs. Default: those of the provider. */
  readonly recordingOrigin?: string | undefined;
  /**
   * `host:port` of a server that generates the recordings, such as the one that `npm start` runs. Their paths contain
   * who speaks when. Replaces `recordingOrigin`.
   */
  readonly recordingHost?: string | undefined;
  /** The time at which presigned URLs are signed; they are valid for an hour. Default: when the report is sent. */
  readonly presignedAt?: Instant | undefined;
};
