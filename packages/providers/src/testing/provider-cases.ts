import type { CallEvent, Instant } from "@call-ledger/domain";
import type { AccountSettings, Question, ReadDelivery, SignedRequest } from "../common/provider-adapter.ts";

/** A delivery and what it has to be read as. */
export type DeliveryCase = {
  readonly name: string;
  readonly body: Uint8Array;
  readonly reads: ReadDelivery["reads"];
  /** The kinds of its events, in order; empty unless it reads as a call. */
  readonly kinds: readonly CallEvent["kind"][];
  readonly asks: Question["asks"] | null;
};

export type DeliveryPair = { readonly name: string; readonly one: Uint8Array; readonly other: Uint8Array };

/** What a provider shows of itself to the suite. */
export type ProviderCases = {
  /** A request as the provider sends and signs it. */
  sign(body: Uint8Array, secret: string, now: Instant): SignedRequest;
  /** An account with these secrets. */
  account(secrets: readonly string[]): AccountSettings;
  /** How long a signature holds, milliseconds, to both sides; `null` where the provider signs no time. */
  readonly windowMs: number | null;
  /** One of every type that the provider is known to send. */
  readonly deliveries: readonly DeliveryCase[];
  /** Deliveries of one thing, which differ in what is volatile: equal event ids. */
  readonly redeliveries: readonly DeliveryPair[];
  /** Deliveries of two things that look alike: different event ids. */
  readonly distinct: readonly DeliveryPair[];
  /** Texts in the deliveries that no stored payload may hold. */
  readonly secretTexts: readonly string[];
};
