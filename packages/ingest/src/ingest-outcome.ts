import type { RefusedBecause } from "@call-ledger/providers";

/** The outcome of a request to a webhook endpoint. */
export type IngestOutcome =
  /** The delivery was not verified. The sender does not learn why. */
  | {
      readonly outcome: "refused";
      readonly because: RefusedBecause | "unknown_account";
      /** The account whose secret the delivery had to prove; `null`: no account. */
      readonly accountId: string | null;
    }
  | (Read & { readonly outcome: "applied" | "duplicate" | "observed" })
  | (Read & { readonly outcome: "quarantined"; readonly reason: string });

type Read = {
  readonly accountId: string;
  /** The provider's name for the kind of delivery. */
  readonly type: string;
  /** The provider's id of the call; `null` if the delivery is about no call. */
  readonly providerCallId: string | null;
  /** The ids of all events of the delivery, new or known. */
  readonly eventIds: readonly string[];
  /** The body that answers the provider's question. `undefined`: "received" is enough. `null`: an empty body. */
  readonly answer: unknown;
};
