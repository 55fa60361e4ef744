import type { CallFacts, Instant, KeyedEvent, Prompt } from "@call-ledger/domain";

/** A verified delivery, ready to be stored. */
export type DeliveryToBook = {
  readonly provider: string;
  readonly accountId: string;
  readonly receivedAt: Instant;
  readonly providerDeliveryId: string | null;
  /** The provider's name for the kind of delivery. */
  readonly type: string;
  /** JSON text (or what came instead) without secrets. */
  readonly payload: string;
  readonly content:
    | {
        readonly providerCallId: string;
        readonly facts: CallFacts;
        readonly events: readonly KeyedEvent[];
        /** The reply will name the agent. */
        readonly wantsAgent: boolean;
        /** Whose word it is, as in the domain; the provider's by default. */
        readonly source?: string;
        /** What the payload and the events refer to; none by default. */
        readonly prompts?: readonly Prompt[];
      }
    | {
        /** Not bookable at all. */
        readonly refusal: "unparseable" | "too_complex" | "no_call" | "call_id_too_long" | "refused";
        /** Something may make it bookable; else it is kept as observed for its account. */
        readonly waits: boolean;
        readonly detail: string | null;
        /** What makes two such deliveries the same. */
        readonly contentKey: string;
      };
};
