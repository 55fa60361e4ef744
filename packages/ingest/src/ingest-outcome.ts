import type { RefusedBecause } from "@call-ledger/providers";

/** What became of a request to a webhook endpoint. */
export type IngestOutcome =
  /** Not verified. The sender does not learn why. */
  | {
      readonly outcome: "refused";
      readonly because: RefusedBecause | "unknown_account";
      /** Whose secret it should have proven; `null`: nobody's. */
      readonly accountId: string | null;
    }
  | (Read & { readonly outcome: "applied" | "duplicate" | "observed" })
  | (Read & { readonly outcome: "quarantined"; readonly reason: string });

type Read = {
  readonly accountId: string;
  /** The provider's name for the kind of delivery. */
  readonly type: string;
  /** The provider's id of the call; `null`: it is about none. */
  readonly providerCallId: string | null;
  /** Of everything that the delivery says, new or not. */
  readonly eventIds: readonly string[];
  /** The body that answers the provider's question, `undefined` where "received" is enough, `null`: an empty body. */
  readonly answer: unknown;
};
