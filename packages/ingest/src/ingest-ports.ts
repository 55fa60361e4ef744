import type { Instant } from "@call-ledger/domain";
import type { Credential, RequestHead } from "@call-ledger/providers";
import type { AccountBudget } from "./account-budget.ts";
import type { Booking } from "./booking.ts";
import type { DeliveryReader } from "./delivery-reader.ts";

/** The account of an endpoint. */
export type ReceivingAccount = { readonly id: string; readonly credential: Credential };

export type IngestPorts = {
  /**
   * Returns the account of an endpoint by the id in its path. `accountId` `null` means the platform's own account.
   * Returns `null` if there is no such account, or if this process cannot verify it and the head has no credential.
   * Throws LedgerUnavailable if the account cannot be looked up.
   */
  accountOf(provider: string, accountId: string | null, head: RequestHead): Promise<ReceivingAccount | null>;
  readonly booking: Omit<Booking, "queue">;
  readonly reader: DeliveryReader;
  /**
   * The budget of organizations' own accounts. The platform's account has none, because many organizations share it.
   */
  readonly budget: AccountBudget;
  now(): Instant;
  /** The max age of a signed time. Default: the provider's. */
  readonly toleranceMs?: number;
};
