import type { CallFacts, Instant, KeyedEvent, Prompt } from "@call-ledger/domain";

/** A verified delivery, ready to be stored. */
export type DeliveryToBook = {
  readonly provider: string;
  readonly accountId: string;
  readonly receivedAt: Instant;
  readonly providerDeliveryId: string | null;
  /** The provider's name for the kind of delivery. */
  readonly type: string;
  /** JSON text (or the received text, if it is not JSON) without secrets. */
  readonly payload: string;
  readonly content:
    | {
        readonly providerCallId: string;
        readonly facts: CallFacts;
        readonly events: readonly KeyedEvent[];
        /** Whether the reply will name the agent. */
        readonly wantsAgent: boolean;
        /** The source of the events, as in the domain. Default: the provider. */
        readonly source?: string;
        /** The prompts to which the payload and the events refer. Default: none. */
        readonly prompts?: readonly Prompt[];
      }
    | {
        /** Why the delivery cannot be booked at all. */
        readonly refusal: "unparseable" | "too_complex" | "no_call" | "call_id_too_long" | "refused";
        /** Whether the delivery may become bookable. If not, it is stored as observed for its account. */
        readonly waits: boolean;
        readonly detail: string | null;
        /** The identity of such a delivery: equal keys mean the same delivery. */
        readonly contentKey: string;
      };
};
