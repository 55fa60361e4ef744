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
  /** What it says beyond its type (a status, who spoke); `null` where the type says it all. */
  readonly detail: string | null;
  /** JSON text. */
  readonly body: string;
  /** When the provider sends it first. */
  readonly atMs: Instant;
};

/** What a provider says of a call, in the order in which it happens. */
export type ToldCall = {
  readonly endedReason: string;
  readonly costUsd: number;
  readonly ourNumber: string | null;
  readonly deliveries: readonly SimulatedDelivery[];
};

/** A whole call as a provider tells it, and what a ledger has to say of it in the end. */
export type SimulatedCall = ToldCall & {
  readonly callId: string;
  readonly direction: SimulatedDirection;
  readonly outcome: SimulatedOutcome;
  /** When it was answered; `null`: never. */
  readonly answeredAt: Instant | null;
  readonly endedAt: Instant;
  readonly customerNumber: string | null;
  /** Who speaks when, from the moment that it was answered. */
  readonly spoken: readonly Spoken[];
};

export type SimulationOptions = {
  /** Equal options make equal calls, byte by byte. */
  readonly seed: string | number;
  /** The provider's id of the agent. */
  readonly assistantId: string;
  /** When the call is created, milliseconds. */
  readonly startedAt: Instant;
  /** Who tells it. Default: the registry's default provider. */
  readonly provider?: string | undefined;
  /** `vapi`: Vapi's envelope. `flat`: the older form without one. Default `vapi`. */
  readonly dialect?: "vapi" | "flat" | undefined;
  /** Default: one that fits the outcome, by the seed. */
  readonly direction?: SimulatedDirection | undefined;
  /** Default: one that fits the direction, by the seed. */
  readonly outcome?: SimulatedOutcome | undefined;
  /** How many times either side speaks in an answered call, 2 to 200. Default: by the seed, 4 to 60. */
  readonly turns?: number | undefined;
  /** A short conversation that makes sense, the same each time, in place of one by the seed: for people to look at. */
  readonly sample?: boolean | undefined;
  /** Send what is sent many times a second too: speech and conversation updates. Default no. */
  readonly chatter?: boolean | undefined;
  /** Our own number, E.164. Default: a fictitious one, the same for every call of the assistant. */
  readonly ourNumber?: string | undefined;
  /** The provider's id of our number. Default: like `ourNumber`. */
  readonly phoneNumberId?: string | undefined;
  /** Scheme and host of the recordings' URLs. Default `https://storage.vapi.ai`. */
  readonly recordingOrigin?: string | undefined;
  /** When presigned URLs are signed; they hold for an hour. Default: when the report is sent. */
  readonly presignedAt?: Instant | undefined;
};
