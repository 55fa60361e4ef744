import type { Instant } from "@call-ledger/domain";
import type { Credential, RequestHead } from "@call-ledger/providers";
import type { AccountBudget } from "./account-budget.ts";
import type { Booking } from "./booking.ts";
import type { DeliveryReader } from "./delivery-reader.ts";

/** The account that an endpoint belongs to. */
export type ReceivingAccount = { readonly id: string; readonly credential: Credential };

export type IngestPorts = {
  /**
   * The account of an endpoint, by the id in its path; `null` in the path is the platform's own. `null`: no such account,
   * or none that this process can verify and the head shows no credential. Throws LedgerUnavailable when it cannot be told which.
   */
  accountOf(provider: string, accountId: string | null, head: RequestHead): Promise<ReceivingAccount | null>;
  readonly booking: Omit<Booking, "queue">;
  readonly reader: DeliveryReader;
  /** Of the organizations' own accounts; the platform's has none, because many organizations share it. */
  readonly budget: AccountBudget;
  now(): Instant;
  /** How old a signed time may be; the provider's default without it. */
  readonly toleranceMs?: number;
};
