import type { CallEvent, Instant } from "@call-ledger/domain";
import type { AccountSettings, Question, ReadDelivery, SignedRequest } from "../common/provider-adapter.ts";

/** A delivery and the expected result of reading it. */
export type DeliveryCase = {
  readonly name: string;
  readonly body: Uint8Array;
  readonly reads: ReadDelivery["reads"];
  /** The kinds of its events, in order; empty unless it reads as a call. */
  readonly kinds: readonly CallEvent["kind"][];
  readonly asks: Question["asks"] | null;
};

type DeliveryPair = { readonly name: string; readonly one: Uint8Array; readonly other: Uint8Array };

/** The parts of a provider that the suite uses. */
export type ProviderCases = {
  /** Returns a request as the provider sends and signs it. */
  sign(body: Uint8Array, secret: string, now: Instant): SignedRequest;
  /** Returns an account with these secrets. */
  account(secrets: readonly string[]): AccountSettings;
  /** The validity of a signature in milliseconds, before and after its time; `null` if the provider signs no time. */
  readonly windowMs: number | null;
  /** One delivery of every type that the provider is known to send. */
  readonly deliveries: readonly DeliveryCase[];
  /** Pairs of deliveries of one event that differ only in volatile parts. Their event ids are equal. */
  readonly redeliveries: readonly DeliveryPair[];
  /** Pairs of deliveries of two similar events. Their event ids differ. */
  readonly distinct: readonly DeliveryPair[];
  /** Texts in the deliveries that no stored payload may contain. */
  readonly secretTexts: readonly string[];
};
